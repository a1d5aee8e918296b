-- The lock of load_lock.sql for one transaction, waiting for it.  $1: its key.
select pg_advisory_xact_lock($1::bigint)
