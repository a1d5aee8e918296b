analyze waybill.dirty_key
