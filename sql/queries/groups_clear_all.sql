truncate waybill.journey, waybill.hop, waybill.delivery, waybill.finding, waybill.auth_result, waybill.journey_message, waybill.journey_verdict
