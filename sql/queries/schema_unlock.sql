select pg_advisory_unlock(hashtextextended('waybill.schema_migration', 0))
