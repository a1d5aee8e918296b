analyze waybill.journey, waybill.hop, waybill.delivery, waybill.transit, waybill.attempt_log
