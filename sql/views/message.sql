create or replace view waybill.message as
select m.message_id, j.journey_id, m.sha256, m.header_from, m.return_path, m.date, m.subject, m.folder,
       m.raw_bytes, m.mailbox, m.host, m.stored_at, m.source_id, m.byte_offset, m.byte_length
from waybill.message_log m
left join waybill.journey_message j using (sha256);
