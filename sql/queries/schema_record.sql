insert into waybill.schema_migration (version, name, checksum) values ($1::integer, $2, $3)
on conflict (version) do update set checksum = excluded.checksum, applied_at = now()
