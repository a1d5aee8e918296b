select pg_advisory_lock(hashtextextended('waybill.schema_migration', 0))
