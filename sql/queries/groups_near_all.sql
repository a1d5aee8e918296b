create temp table near on commit drop as
select t.queue_id, t.host, t.transit_id, t.message_key, t.at, t.born_at, t.removed_at, t.flags,
       t.message_id is not null as named, t.mail_from
from waybill.transit t join touched q on q.queue_id = t.queue_id;
analyze near
