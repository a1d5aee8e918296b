-- Copies of a journey's message that were read.  $1 journey id.
select encode(m.sha256, 'hex') as sha256, m.folder, m.mailbox, m.host, m.stored_at, m.date, m.return_path, m.raw_bytes, s.path,
       m.byte_offset
from waybill.message m
left join waybill.source s using (source_id)
where m.journey_id = $1::bigint
order by m.stored_at, s.path, m.byte_offset, sha256
limit 200;
