-- New verdicts are found by a BRIN index of load_id, as new rows of the other logs are.  Partitions that are there
-- stay as they are.
update waybill.partitioned set indexes = '{message_key,verdict_id,brin:load_id}' where name = 'verdict_log';
