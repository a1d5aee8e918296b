-- The keys of everything ingested since the last analysis.  $1: last load analyzed, $2: last one to take.
insert into waybill.dirty_key
select coalesce(l.group_key, t.message_key)
from waybill.transit t left join waybill.transit_link l using (transit_id, message_key)
where t.load_id > $1::bigint and t.load_id <= $2::bigint
union select message_key from waybill.message_log where load_id > $1::bigint and load_id <= $2::bigint
union select message_key from waybill.notification where load_id > $1::bigint and load_id <= $2::bigint
on conflict do nothing
