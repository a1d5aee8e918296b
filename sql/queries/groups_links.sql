-- What the touched queue ids link.  "near" may hold more than is asked for: every condition stands here, so that the
-- same is found whichever way it was filled.
create temp table loose on commit drop as
select l.transit_id, l.message_key, l.host, l.queue_id, min(l.at) as at, bool_or(l.flags & 1 <> 0) as born,
       bool_or(l.named) as named, max(l.removed_at) as removed_at,
       bool_or(l.flags & 33554432 <> 0) as stored -- TRANSIT_STORED: a stored message names the queue id
from touched q join waybill.loose_transit l using (queue_id)
group by l.transit_id, l.message_key, l.host, l.queue_id;
create temp table said on commit drop as
select a.*, p.host, p.mail_from, p.at as parent_at
from touched q
join waybill.loose_attempt a on a.next_queue_id = q.queue_id
left join parent p on p.transit_id = a.transit_id and p.message_key = a.message_key;
analyze loose, said;

-- the birth that a part without one belongs to: the latest before it, of the same host and id, unless both are
-- named and differ (short ids are given out again)
create temp table part_root on commit drop as
select distinct on (o.transit_id, o.message_key) o.queue_id, o.transit_id, o.message_key,
       r.transit_id as root_id, r.message_key as root_key, least(o.at, r.at) as at
from loose o
join near r
  on r.queue_id = o.queue_id and r.host is not distinct from o.host and r.born_at is not null
 and r.born_at <= o.at + interval '1 second'
 and (r.removed_at is null or r.removed_at >= o.at - interval '10 seconds')
 and (r.removed_at is null or r.removed_at - r.at > interval '1 hour'
      or r.at between o.at - interval '2 hours' and o.at + interval '1 hour')
 and r.transit_id <> o.transit_id
 and (not r.named or not o.named or r.message_key = o.message_key)
where not o.born and not o.stored
order by o.transit_id, o.message_key, r.born_at desc, r.transit_id, r.message_key, r.at;

-- parts of one transit whose birth nobody saw belong together, as long as it was not removed between them
insert into part_root
select queue_id, transit_id, message_key, first_id, first_key, first_at
from (select i.*, first_value(transit_id) over f as first_id, first_value(message_key) over f as first_key,
             first_value(at) over f as first_at
      from (select l.*, sum(fresh) over (partition by host, queue_id order by at, transit_id, message_key) as island
            from (select o.*, case when at - lag(at) over q < interval '5 days'
                                    and coalesce(at <= lag(removed_at) over q + interval '10 seconds', true)
                                    and not coalesce(named and lag(named) over q and message_key <> lag(message_key) over q, false)
                                   then 0 else 1 end as fresh
                  from loose o where not born and not stored
                  window q as (partition by host, queue_id order by at, transit_id, message_key)) l) i
      window f as (partition by host, queue_id, island order by at, transit_id, message_key)) p
where (first_id, first_key) is distinct from (transit_id, message_key)
  and not exists (select from part_root r where r.transit_id = p.transit_id and r.message_key = p.message_key);

-- queue ids that link something without a Message-ID: each acceptance to the transit nearest in time, each
-- reinjected message to the latest before it
create temp table edge on commit drop as
with led as (
    -- an id that several hosts gave out at about the same time: not one with another sender, nor, unless it was
    -- handed over within the host, one of the host that sent it; else the nearest
    select distinct on (s.attempt_id, s.transit_id, s.message_key)
           s.next_queue_id as queue_id, s.transit_id as parent_id, s.message_key as parent_key,
           t.transit_id as child_id, t.message_key as child_key, least(s.at, t.at, s.parent_at) as at
    from said s
    join near t on t.queue_id = s.next_queue_id and t.transit_id <> s.transit_id
     and t.at between s.at - interval '10 minutes' and s.at + interval '10 minutes' and t.flags & 33554432 = 0
    where exists (select from waybill.loose_transit l
                  where l.transit_id = s.transit_id and l.message_key = s.message_key and not l.named)
       or exists (select from waybill.loose_transit l
                  where l.queue_id = s.next_queue_id and not l.named and l.flags & 1 <> 0 and l.transit_id <> s.transit_id
                    and s.at between l.at - interval '10 minutes' and l.at + interval '10 minutes')
    order by s.attempt_id, s.transit_id, s.message_key,
             coalesce(lower(t.mail_from) <> lower(s.mail_from), false),
             coalesce((t.host = s.host) <> (s.relay_ip <<= '127.0.0.0/8' or s.relay_ip = '::1'), false),
             abs(extract(epoch from coalesce(t.born_at, t.at) - s.at)), t.transit_id, t.message_key, s.at, t.at
), again as (
    select distinct on (l.transit_id, l.message_key, l.orig_queue_id)
           l.orig_queue_id as queue_id, p.transit_id as parent_id, p.message_key as parent_key,
           l.transit_id as child_id, l.message_key as child_key, least(l.at, p.at) as at
    from touched q
    join waybill.loose_transit l on l.orig_queue_id = q.queue_id and not l.named
    join near p on p.queue_id = l.orig_queue_id and p.host is not distinct from l.host
     and p.at <= l.at + interval '1 minute' and (p.removed_at is null or p.removed_at >= l.at - interval '1 hour')
     and l.at - p.at < interval '5 days' and p.flags & 33554432 = 0
    order by l.transit_id, l.message_key, l.orig_queue_id, coalesce(p.born_at, p.at) desc, p.transit_id, p.message_key, l.at, p.at
)
select queue_id, parent_id, parent_key, child_id, child_key, false as is_part, at from led
union all
select queue_id, parent_id, parent_key, child_id, child_key, false, at from again
union all -- a part that was handed out before the Message-ID was told
select l.queue_id, t.transit_id, t.message_key, l.transit_id, l.message_key, false, least(l.at, t.at)
from loose l
join near t on t.queue_id = l.queue_id and t.transit_id = l.transit_id and t.message_key <> l.message_key
 and t.at between l.at - interval '1 hour' and l.at + interval '1 hour'
where not l.named
union all
select queue_id, root_id, root_key, transit_id, message_key, true, at from part_root
union all -- a stored message to the queue that it names, of its host if that is known, and nearest in time
select queue_id, parent_id, parent_key, child_id, child_key, false, at
from (select distinct on (o.transit_id, o.message_key)
             o.queue_id, t.transit_id as parent_id, t.message_key as parent_key, o.transit_id as child_id,
             o.message_key as child_key, least(o.at, t.at) as at
      from loose o
      join near t on t.queue_id = o.queue_id and not t.named and t.born_at is not null
       and t.at between o.at - interval '2 hours' and o.at + interval '1 hour'
       and t.born_at between o.at - interval '10 minutes' and o.at + interval '10 minutes' and t.flags & 33554432 = 0
      where o.stored
      order by o.transit_id, o.message_key, (t.host is not distinct from o.host) desc,
               abs(extract(epoch from t.born_at - o.at)), t.transit_id, t.message_key, t.at) s;
create temp table edge_now on commit drop as
select queue_id, parent_id, parent_key, child_id, child_key, bool_or(is_part) as is_part, min(at) as at
from edge group by 1, 2, 3, 4, 5;
analyze edge_now;

-- what is not as it was, and the transits on both sides of it
create temp table edge_before on commit drop as
select e.* from touched q join waybill.link_edge e using (queue_id);
create temp table changed on commit drop as
select c.*
from ((select queue_id, parent_id, parent_key, child_id, child_key, is_part from edge_before
       except select queue_id, parent_id, parent_key, child_id, child_key, is_part from edge_now)
      union all
      (select queue_id, parent_id, parent_key, child_id, child_key, is_part from edge_now
       except select queue_id, parent_id, parent_key, child_id, child_key, is_part from edge_before)) c;
delete from waybill.link_edge e using touched q where q.queue_id = e.queue_id;
insert into waybill.link_edge select * from edge_now;
analyze waybill.link_edge, changed
