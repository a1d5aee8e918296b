-- Verdicts without keys (groups_verdict_loose.sql) find their transit: by the queue id they name, else (a policy
-- service, asked before there is one) by the client and the sender of the next birth.  Groups that gain a verdict are
-- dirty.  Candidates are numbered in order of time and taken by their number, in steps with statistics, so that a
-- thousand messages of one client, or under one queue id, cost a thousand steps and not their square.
analyze loose_verdict;

-- by queue id: transits that began up to a minute after the verdict and were there at its time, the latest first
create temp table verdict_span on commit drop as
select min(at) - interval '2 hours' as from_at, max(at) + interval '1 minute' as until_at
from (select at, count(*) filter (where fresh) over (order by at) as island
      from (select at, coalesce(at - lag(at) over (order by at) > interval '3 hours', true) as fresh
            from loose_verdict where queue_id is not null) f) i
group by island;
create temp table verdict_id on commit drop as
select queue_id, min(at) as from_at, max(at) as until_at from loose_verdict where queue_id is not null group by queue_id;
analyze verdict_span, verdict_id;
create temp table verdict_transit on commit drop as
with around as materialized (
    select t.*
    from verdict_span s
    cross join lateral (
        select coalesce(t.host, '') as host, t.queue_id, t.at, t.born_at, t.removed_at, t.transit_id, t.message_key
        from waybill.transit t
        where t.at between s.from_at and s.until_at and t.queue_id in (select queue_id from verdict_id) offset 0) t
)
select * from around
union
select coalesce(t.host, ''), t.queue_id, t.at, t.born_at, t.removed_at, t.transit_id, t.message_key
from verdict_id q
join waybill.transit t on t.queue_id = q.queue_id and (t.removed_at is null or t.removed_at - t.at > interval '1 hour')
 and t.at between q.from_at - interval '5 days' and q.until_at + interval '1 minute';
create temp table verdict_queue on commit drop as
select *, sum(is_transit) over (partition by host, queue_id order by until, is_transit desc, transit_id, message_key
                                rows unbounded preceding) as n
from (select host, queue_id, at as until, 1 as is_transit, at, born_at, removed_at, transit_id, message_key,
             null::bigint as verdict_id
      from verdict_transit
      union all
      select host, queue_id, at + interval '1 minute', 0, at, null, null, null, null, verdict_id
      from loose_verdict where queue_id is not null) u;

-- by client: births of the same sender, which some write without the quotes of a local part; what was thrown away before
-- the queue never says its sender
create temp table verdict_client on commit drop as
select *, sum(is_transit) over (partition by host, client_ip, sender order by at, is_transit, transit_id, message_key
                                rows unbounded preceding) as n
from (select coalesce(t.host, '') as host, t.client_ip, coalesce(lower(replace(t.mail_from, '"', '')), '-') as sender, t.born_at as at,
             1 as is_transit, t.transit_id, t.message_key, null::bigint as verdict_id
      from waybill.transit t
      where t.at between (select min(at) - interval '1 hour' from loose_verdict where queue_id is null)
                     and (select max(at) + interval '1 hour' from loose_verdict where queue_id is null)
        and t.born_at is not null and t.client_ip in (select client_ip from loose_verdict where queue_id is null)
      union all
      select host, client_ip, sender, at, 0, null, null, verdict_id
      from loose_verdict where queue_id is null and client_ip is not null and sender is not null
      union all
      select host, client_ip, '-', at, 0, null, null, verdict_id
      from loose_verdict where queue_id is null and client_ip is not null) u;
analyze verdict_queue, verdict_client;

with found as (
    select distinct on (v.verdict_id, v.at) v.verdict_id, v.at, t.transit_id, t.message_key
    from (select v.*, v.n - b.back as wanted from verdict_queue v cross join generate_series(0, 7) b (back)
          where v.is_transit = 0) v
    join verdict_queue t on t.is_transit = 1 and t.host = v.host and t.queue_id = v.queue_id and t.n = v.wanted
    where t.at >= v.at - interval '5 days' and (t.removed_at is null or t.removed_at >= v.at - interval '10 seconds')
    order by v.verdict_id, v.at, abs(extract(epoch from coalesce(t.born_at, t.at) - v.at)), t.transit_id, t.message_key
), served as ( -- the first birth after it, else the last before it
    select distinct on (v.verdict_id, v.at) v.verdict_id, v.at, t.transit_id, t.message_key
    from (select v.*, v.n + a.ahead as wanted from verdict_client v cross join generate_series(0, 1) a (ahead)
          where v.is_transit = 0) v
    join verdict_client t on t.is_transit = 1 and t.host = v.host and t.client_ip = v.client_ip and t.sender = v.sender
     and t.n = v.wanted
    where t.at between v.at - interval '1 second' and v.at + interval '30 seconds'
    order by v.verdict_id, v.at, t.at < v.at, abs(extract(epoch from t.at - v.at)), t.transit_id, t.message_key
), linked as (
    insert into waybill.verdict_link
    select * from found union all select * from served
    on conflict do nothing
    returning transit_id, message_key
)
insert into waybill.dirty_key (group_key, known)
select distinct coalesce(l.group_key, k.message_key), false
from linked k
left join waybill.transit_link l on l.transit_id = k.transit_id and l.message_key = k.message_key
on conflict do nothing
