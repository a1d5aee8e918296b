-- The lock of load_lock.sql for one transaction.  $1: its key.
select pg_try_advisory_xact_lock($1::bigint)
