-- The keys of verdicts ingested since the last analysis.
insert into waybill.dirty_key (group_key, known)
select coalesce(l.group_key, v.message_key), false
from waybill.verdict_log v
left join waybill.transit_link l on l.transit_id = v.transit_id and l.message_key = v.message_key
where :new(v): and v.message_key is not null
union
select coalesce(l.group_key, k.message_key), false
from waybill.verdict_log v
cross join lateral (select k.* from waybill.verdict_link k where k.verdict_id = v.verdict_id and k.at = v.at offset 0) k
left join waybill.transit_link l on l.transit_id = k.transit_id and l.message_key = k.message_key
where :new(v): and v.message_key is null
on conflict do nothing
