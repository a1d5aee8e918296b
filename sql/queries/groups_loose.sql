-- Exceptions to "one message, one key": parts of a transit that did not see its birth, and messages without
-- a Message-ID that queue ids link to their neighbours.  Recomputed for what this batch touches.
create temp table loose on commit drop as
select t.transit_id, t.message_key, t.host, t.queue_id, min(t.at) as at, bool_or(t.flags & 1 <> 0) as born,
       bool_or(t.message_id is not null) as named, max(t.removed_at) as removed_at,
       bool_or(t.flags & 33554432 <> 0) as stored -- TRANSIT_STORED: a stored message names the queue id
from waybill.transit t
where (t.flags & 1 = 0 or t.message_id is null)
group by t.transit_id, t.message_key, t.host, t.queue_id;
analyze loose;
