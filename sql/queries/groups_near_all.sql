-- The same without indexes, which may not be there yet: lists that are hashed, and one pass each.
create temp table near on commit drop as
select t.queue_id, t.host, t.transit_id, t.message_key, t.at, t.born_at, t.removed_at, t.flags,
       t.message_id is not null as named, t.mail_from
from waybill.transit t where (t.queue_id in (select queue_id from touched)) is true;
create temp table parent on commit drop as
select t.transit_id, t.message_key, t.host, t.mail_from, t.at
from waybill.transit t
where t.flags & 1 <> 0 and (t.transit_id in (select transit_id from waybill.loose_attempt)) is true;
analyze near, parent
