delete from waybill.dirty_key
