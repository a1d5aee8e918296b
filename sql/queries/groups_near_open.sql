-- Beside those of groups_near.sql: what lived long under the ids by which parts look for their birth.
create temp table open_id on commit drop as
select q.queue_id from touched q join waybill.loose_transit l using (queue_id) where l.flags & 33554433 = 0
union
select q.queue_id from touched q join waybill.loose_transit l on l.orig_queue_id = q.queue_id;
analyze open_id;
insert into near
select t.queue_id, t.host, t.transit_id, t.message_key, t.at, t.born_at, t.removed_at, t.flags, t.message_id is not null,
       t.mail_from
from open_id q
join waybill.transit t on t.queue_id = q.queue_id and (t.removed_at is null or t.removed_at - t.at > interval '1 hour');
analyze near
