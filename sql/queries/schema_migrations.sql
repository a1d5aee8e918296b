select version, name, checksum from waybill.schema_migration order by version
