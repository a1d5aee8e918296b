-- The queue ids by which something may be linked now that was not, or otherwise.  Of many new rows only those are
-- taken that have to do with what little is loose: looked up in hashed lists (that is what the "or" is for).
set local default_statistics_target = 10;
create temp table fresh_transit on commit drop as
select t.queue_id, t.transit_id, t.message_key from waybill.transit t
where :unlinked(t): and (:all_new: or t.queue_id in (select queue_id from waybill.loose_transit)
                         or t.queue_id in (select orig_queue_id from waybill.loose_transit where orig_queue_id is not null)
                         or t.queue_id in (select next_queue_id from waybill.loose_attempt)
                         or t.transit_id in (select transit_id from waybill.loose_attempt));
create temp table fresh_attempt on commit drop as
select a.next_queue_id, a.attempt_id, a.transit_id, a.message_key, a.at, a.relay_ip, a.load_id
from waybill.attempt_log a
where :unlinked(a): and a.next_queue_id is not null
  and (:all_new: or a.next_queue_id in (select queue_id from waybill.loose_transit)
       or a.next_queue_id in (select next_queue_id from waybill.loose_attempt)
       or a.transit_id in (select transit_id from waybill.loose_transit where not named));
analyze fresh_transit, fresh_attempt, waybill.loose_transit;

-- acceptances of messages without a Message-ID, and new ones that lead to such
insert into waybill.loose_attempt
select a.* from fresh_attempt a
join waybill.loose_transit l on l.transit_id = a.transit_id and l.message_key = a.message_key and not l.named
union
select a.* from fresh_attempt a
join waybill.loose_transit l on l.queue_id = a.next_queue_id and not l.named and l.flags & 1 <> 0
 and l.transit_id <> a.transit_id and a.at between l.at - interval '10 minutes' and l.at + interval '10 minutes';

-- acceptances read before that lead to new ones: looked for at their times
create temp table span on commit drop as
select min(at) - interval '10 minutes' as from_at, max(at) + interval '10 minutes' as until_at
from (select at, count(*) filter (where fresh) over (order by at) as island
      from (select at, coalesce(at - lag(at) over (order by at) > interval '1 hour', true) as fresh
            from waybill.loose_transit l where :unlinked(l): and not named and flags & 1 <> 0) f) i
group by island;
analyze span;
with around as materialized (
    select a.*
    from span s
    cross join lateral (
        select a.next_queue_id, a.attempt_id, a.transit_id, a.message_key, a.at, a.relay_ip, a.load_id
        from waybill.attempt_log a
        where a.at between s.from_at and s.until_at and :linked(a): and a.next_queue_id in (select queue_id from fresh_transit) offset 0) a
)
insert into waybill.loose_attempt
select distinct a.*
from around a
join waybill.loose_transit l on l.queue_id = a.next_queue_id and not l.named and l.flags & 1 <> 0 and :unlinked(l):
 and l.transit_id <> a.transit_id and a.at between l.at - interval '10 minutes' and l.at + interval '10 minutes'
where not exists (select from waybill.loose_attempt k
                  where k.transit_id = a.transit_id and k.attempt_id = a.attempt_id and k.message_key = a.message_key and k.at = a.at);
analyze waybill.loose_attempt;

create temp table touched on commit drop as
select f.queue_id from fresh_transit f join waybill.loose_transit l on l.queue_id = f.queue_id
union
select f.queue_id from fresh_transit f join waybill.loose_transit l on l.orig_queue_id = f.queue_id
union
select f.queue_id from fresh_transit f join waybill.loose_attempt a on a.next_queue_id = f.queue_id
union
select l.orig_queue_id from fresh_transit f join waybill.loose_transit l using (transit_id, message_key)
where l.orig_queue_id is not null
union
select a.next_queue_id from fresh_transit f join waybill.loose_attempt a using (transit_id, message_key)
union -- told again, it may have taken the place of one that was there
select a.next_queue_id from fresh_attempt f join waybill.loose_attempt a on a.next_queue_id = f.next_queue_id
union
select r.queue_id from waybill.relink r where r.queue_id is not null
union
select a.next_queue_id from waybill.relink r join waybill.loose_attempt a using (transit_id, message_key);
analyze touched
