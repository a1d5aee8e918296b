select where to_regclass('waybill.schema_migration') is not null
