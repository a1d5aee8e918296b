-- Exceptions to "one message, one key": parts of a transit that did not see its birth, messages without a Message-ID
-- that queue ids link to their neighbours, and queues that stored messages name.  Those that are new.
insert into waybill.loose_transit
select t.queue_id, case when octet_length(t.orig_queue_id) <= 2000 then t.orig_queue_id end, t.transit_id, t.message_key,
       t.host, t.at, t.born_at, t.removed_at, t.client_ip, t.flags, t.message_id is not null, t.load_id
from waybill.transit t
where :unlinked(t): and (t.flags & 1 = 0 or t.message_id is null)
