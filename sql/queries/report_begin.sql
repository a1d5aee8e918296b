-- One picture for all queries of a report, whoever writes meanwhile.
begin transaction isolation level repeatable read read only;
