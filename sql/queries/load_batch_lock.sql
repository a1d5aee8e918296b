-- A batch and what analyze does with the same tables' locks (indexes, opening its streams) take turns; else
-- each could wait for what the other holds.  Until the end of the transaction.
select pg_advisory_xact_lock(8602851031751)
