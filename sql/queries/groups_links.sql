-- the birth that a part without one belongs to: the latest before it, of the same host and id, unless both are
-- named and differ (short ids are given out again)
create temp table part_root on commit drop as
select distinct on (o.transit_id, o.message_key) o.transit_id, o.message_key,
       r.transit_id as root_id, r.message_key as root_key, r.message_id is not null as root_named, o.named
from loose o
join waybill.transit r
  on r.queue_id = o.queue_id and r.host is not distinct from o.host and r.born_at is not null
 and r.born_at <= o.at + interval '1 second'
 and (r.removed_at is null or r.removed_at >= o.at - interval '10 seconds')
 and r.transit_id <> o.transit_id
 and (r.message_id is null or not o.named or r.message_key = o.message_key)
where not o.born and not o.stored
order by o.transit_id, o.message_key, r.born_at desc, r.transit_id, r.message_key;

-- parts of one transit whose birth nobody saw belong together, as long as it was not removed between them
insert into part_root
select transit_id, message_key, first_id, first_key, true, named
from (select i.*, first_value(transit_id) over f as first_id, first_value(message_key) over f as first_key
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
with said as (
    select a.attempt_id, a.transit_id, a.message_key, a.next_queue_id, a.at, a.relay_ip
    from loose l
    join waybill.transit t on t.transit_id = l.transit_id and t.message_key = l.message_key
    join waybill.attempt_log a on a.next_queue_id = t.queue_id
     and a.at between t.at - interval '10 minutes' and t.at + interval '10 minutes' and a.transit_id <> t.transit_id
    where not l.named and l.born
    union
    select a.attempt_id, a.transit_id, a.message_key, a.next_queue_id, a.at, a.relay_ip
    from loose l
    join waybill.attempt_log a on a.transit_id = l.transit_id and a.message_key = l.message_key
    where not l.named and a.next_queue_id is not null
), led as (
    -- an id that several hosts gave out at about the same time: not one with another sender, nor, unless it was
    -- handed over within the host, one of the host that sent it; else the nearest
    select distinct on (s.attempt_id, s.transit_id, s.message_key)
           s.transit_id as parent_id, s.message_key as parent_key, t.transit_id as child_id, t.message_key as child_key
    from said s
    join waybill.transit t on t.queue_id = s.next_queue_id and t.transit_id <> s.transit_id
     and t.at between s.at - interval '10 minutes' and s.at + interval '10 minutes' and t.flags & 33554432 = 0
    left join waybill.transit p on p.transit_id = s.transit_id and p.message_key = s.message_key and p.flags & 1 <> 0
    order by s.attempt_id, s.transit_id, s.message_key,
             coalesce(lower(t.mail_from) <> lower(p.mail_from), false),
             coalesce((t.host = p.host) <> (s.relay_ip <<= '127.0.0.0/8' or s.relay_ip = '::1'), false),
             abs(extract(epoch from coalesce(t.born_at, t.at) - s.at)), t.transit_id, t.message_key
), again as (
    select distinct on (t.transit_id, t.message_key)
           p.transit_id as parent_id, p.message_key as parent_key, t.transit_id as child_id, t.message_key as child_key
    from loose l
    join waybill.transit t on t.transit_id = l.transit_id and t.message_key = l.message_key and t.orig_queue_id is not null
    join waybill.transit p on p.queue_id = t.orig_queue_id and p.host is not distinct from t.host
     and p.at <= t.at + interval '1 minute' and t.at - p.at < interval '5 days' and p.flags & 33554432 = 0
    where not l.named
    order by t.transit_id, t.message_key, coalesce(p.born_at, p.at) desc, p.transit_id, p.message_key
)
select parent_id, parent_key, child_id, child_key from led
union
select parent_id, parent_key, child_id, child_key from again
union -- a part that was handed out before the Message-ID was told
select t.transit_id, t.message_key, l.transit_id, l.message_key
from loose l
join waybill.transit t on t.queue_id = l.queue_id and t.transit_id = l.transit_id and t.message_key <> l.message_key
where not l.named
union
select root_id, root_key, transit_id, message_key from part_root
union -- a stored message to the queue that it names, of its host if that is known, and nearest in time
select parent_id, parent_key, child_id, child_key
from (select distinct on (o.transit_id, o.message_key)
             t.transit_id as parent_id, t.message_key as parent_key, o.transit_id as child_id, o.message_key as child_key
      from loose o
      join waybill.transit t on t.queue_id = o.queue_id and t.message_id is null and t.born_at is not null
       and t.born_at between o.at - interval '10 minutes' and o.at + interval '10 minutes' and t.flags & 33554432 = 0
      where o.stored
      order by o.transit_id, o.message_key, (t.host is not distinct from o.host) desc,
               abs(extract(epoch from t.born_at - o.at)), t.transit_id, t.message_key) s
