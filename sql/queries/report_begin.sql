-- One picture for all queries of a report, whoever writes meanwhile; room to sort in, and no compiling of
-- queries that take less time than their compilation.
begin transaction isolation level repeatable read read only;
set local work_mem = '64MB';
set local jit = off;
