-- Rows that were taken back: their transits are looked at as they are now.
create temp table taken on commit drop as
select distinct transit_id, message_key from waybill.relink;
analyze taken;
insert into waybill.dirty_key (group_key)
select l.group_key from taken join waybill.transit_link l using (transit_id, message_key)
on conflict do nothing;
delete from waybill.loose_transit l using taken k where l.transit_id = k.transit_id and l.message_key = k.message_key;
insert into waybill.loose_transit
select t.queue_id, case when octet_length(t.orig_queue_id) <= 2000 then t.orig_queue_id end, t.transit_id, t.message_key,
       t.host, t.at, t.born_at, t.removed_at, t.client_ip, t.flags, t.message_id is not null, t.load_id
from taken k
join waybill.transit t on t.message_key = k.message_key and t.transit_id = k.transit_id
where :linked(t): and (t.flags & 1 = 0 or t.message_id is null)
