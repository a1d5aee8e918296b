-- The keys of verdicts ingested since the last analysis.  $1: last load analyzed, $2: last one to take.
insert into waybill.dirty_key (group_key, known)
select coalesce(l.group_key, v.message_key), false
from waybill.verdict_log v
left join waybill.transit_link l on l.transit_id = v.transit_id and l.message_key = v.message_key
where v.load_id > $1::bigint and v.load_id <= $2::bigint and v.message_key is not null
union
select coalesce(l.group_key, k.message_key), false
from waybill.verdict_link k
join waybill.verdict_log v on v.verdict_id = k.verdict_id and v.at = k.at
left join waybill.transit_link l on l.transit_id = k.transit_id and l.message_key = k.message_key
where v.load_id > $1::bigint and v.load_id <= $2::bigint
on conflict do nothing
