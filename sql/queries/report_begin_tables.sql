-- The same for reports that keep sums in temporary tables.
begin transaction isolation level repeatable read;
set local work_mem = '128MB';
set local jit = off;
