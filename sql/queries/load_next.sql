select nextval('waybill.load_id_seq')
