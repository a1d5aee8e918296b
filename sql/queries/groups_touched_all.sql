-- All queue ids by which something may be linked, and the acceptances that lead from or to messages without a
-- Message-ID.
set local default_statistics_target = 10;
analyze waybill.loose_transit;
insert into waybill.loose_attempt
select a.next_queue_id, a.attempt_id, a.transit_id, a.message_key, a.at, a.relay_ip, a.load_id
from waybill.attempt_log a
join waybill.loose_transit l on l.transit_id = a.transit_id and l.message_key = a.message_key and not l.named
where a.next_queue_id is not null
union
select a.next_queue_id, a.attempt_id, a.transit_id, a.message_key, a.at, a.relay_ip, a.load_id
from waybill.attempt_log a
join waybill.loose_transit l on l.queue_id = a.next_queue_id and not l.named and l.flags & 1 <> 0
 and l.transit_id <> a.transit_id and a.at between l.at - interval '10 minutes' and l.at + interval '10 minutes';
analyze waybill.loose_attempt;
create temp table touched on commit drop as
select queue_id from waybill.loose_transit
union
select orig_queue_id from waybill.loose_transit where orig_queue_id is not null
union
select next_queue_id from waybill.loose_attempt;
analyze touched
