-- The keys of everything ingested since the last analysis, in order: then one look into an index after the other
-- (groups_known.sql) finds its page in memory.
insert into waybill.dirty_key (group_key, known)
select coalesce(l.group_key, t.message_key), false
from waybill.transit t left join waybill.transit_link l using (transit_id, message_key)
where :new(t):
union select m.message_key, false from waybill.message_log m where not :known(m): and m.load_id <= :until:
union select n.message_key, false from waybill.notification n where not :known(n): and n.load_id <= :until:
order by 1
on conflict do nothing
