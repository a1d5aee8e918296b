-- What a file looked like when it was read: while it still does, the next run need not open it.
alter table waybill.source_path add column file_status bigint;
