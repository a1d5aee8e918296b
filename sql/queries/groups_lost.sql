-- Deliveries that a host of ours accepted under a queue id and that its logs, though they cover the time, do not
-- know: lost.  Where many acceptances of one relay are not found, others stand behind its name or address: nothing is
-- said then.  After groups_lost_begin.sql, groups_lost_hops.sql, groups_lost_ends.sql.
drop table if exists pg_temp.lost_acceptance, pg_temp.lost_gone, pg_temp.lost_source, pg_temp.lost_log;
create temp table lost_gone as
    select distinct on (h.journey_id, h.queue_id, d.recipient)
           h.journey_id, h.group_key, h.first_at, h.arrived_at, h.queue_id, d.recipient, d.reply, o.relay, o.hosts,
           o.self, o.linked
    from lost_hop h
    join lost_attempt a on a.journey_id = h.journey_id and a.next_queue_id = h.queue_id
    join lost_delivery d on d.journey_id = a.journey_id and d.attempt_id = a.attempt_id and d.first_at = h.first_at
    cross join lateral (values (a.relay_host), (a.relay_ip)) n (name)
    join lost_own o on o.relay = n.name
    order by h.journey_id, h.queue_id, d.recipient, o.linked desc, o.relay;
create temp table lost_acceptance as -- for however many recipients
    select distinct journey_id, group_key, first_at, arrived_at, queue_id, relay, hosts, self, linked from lost_gone;
-- What times the logs of those hosts cover: from the first to the last line of each source, and by five minutes.
create temp table lost_log as
    select lower(t.host) as host, t.source_id, date_bin('5 minutes', t.at, 'epoch') as bin, min(t.at) as first_at,
           max(t.at) as last_at
    from (select min(arrived_at) - interval '1 day' as since, max(arrived_at) + interval '1 day' as until,
                 (select array_agg(distinct x) from lost_acceptance, unnest(hosts) x) as hosts
          from lost_acceptance) s
    join waybill.transit t on t.at between s.since and s.until and lower(t.host) = any (s.hosts)
     and t.flags & 33554432 = 0 -- TRANSIT_STORED: no log's
    group by 1, 2, 3;
create temp table lost_source as
    select host, min(first_at) as first_at, max(last_at) as last_at from lost_log group by host, source_id;
create index on lost_source (host, first_at);
create index on lost_log (host, first_at);
create index on lost_log (host, last_at);
analyze lost_gone, lost_acceptance, lost_log, lost_source;

with missing as (
    select relay, count(*) as n from lost_acceptance group by relay
), span as (
    select min(arrived_at) - interval '1 day' as since, max(arrived_at) + interval '1 day' as until,
           (select array_agg(distinct x) from lost_acceptance, unnest(hosts) x) as hosts
    from lost_acceptance
), seen as materialized (
    select distinct lower(t.host) as host, t.queue_id
    from span s
    join waybill.transit t on t.at between s.since and s.until and lower(t.host) = any (s.hosts)
    join lost_acceptance r on r.queue_id = t.queue_id
), unnamed as materialized (
    select h.journey_id, h.first_at, lower(h.host) as host, h.arrived_at
    from (select distinct journey_id, first_at from lost_acceptance) r
    join waybill.hop h on h.journey_id = r.journey_id and h.first_at = r.first_at
    where h.transit_id is not null
      and not exists (select from lost_attempt a where a.journey_id = h.journey_id and a.next_queue_id = h.queue_id)
), absent as materialized (
    select r.*
    from lost_acceptance r
    join missing m using (relay)
    where (r.self or m.n <= 2 or r.linked >= 4 * m.n)
      and not exists (select from seen s where s.queue_id = r.queue_id and s.host = any (r.hosts))
      and not exists (
          select from unnest(r.hosts) as h (host)
          where not exists (select from lost_source c
                            where c.host = h.host and c.first_at <= r.arrived_at and c.last_at >= r.arrived_at)
            and not ((select b.last_at from lost_log b where b.host = h.host and b.first_at <= r.arrived_at
                      order by b.first_at desc limit 1) > r.arrived_at - interval '1 hour'
                     and (select a.first_at from lost_log a where a.host = h.host and a.last_at >= r.arrived_at
                          order by a.last_at limit 1) < r.arrived_at + interval '1 hour') is true)
      -- the message came to that host, and not under a name we were told: then this may be it
      and not exists (select from unnamed u
                      where u.journey_id = r.journey_id and u.first_at = r.first_at and u.host = any (r.hosts)
                        and u.arrived_at between r.arrived_at - interval '10 minutes' and r.arrived_at + interval '10 minutes')
), lost as materialized (
    select distinct g.journey_id, g.group_key, g.first_at, g.recipient, g.reply, g.hosts[1] as host
    from absent a
    join lost_gone g using (journey_id, queue_id, relay)
), told as (
    update waybill.delivery d
    set outcome = 'lost', stage = 'queue', reason = null, provider = null, rule = 'state', decided_by = l.host,
        told = d.reply
    from lost l
    where d.journey_id = l.journey_id and d.first_at = l.first_at and d.recipient = l.recipient and d.outcome = 'accepted'
      and d.reply = l.reply
    returning d.journey_id, d.group_key, d.first_at, coalesce(d.final_recipient, d.recipient) as recipient, d.reply, l.host
), found as (
    insert into waybill.finding (journey_id, group_key, first_at, hop_seq, stage, severity, code, detail)
    select t.journey_id, t.group_key, t.first_at, null, 'queue', v.severity, v.code, v.detail
    from told t
    cross join lateral (values
        ('failure', 'lost', format('lost for %s: %s accepted it, and its log knows nothing of it', t.recipient, t.host)),
        ('note', 'silent_loss', format('the sender was told "%s", yet it was lost', left(t.reply, 200)))) as v (severity, code, detail)
)
update waybill.journey j set outcome = 'lost'
from (select distinct journey_id, first_at from told) t
where j.journey_id = t.journey_id and j.first_at = t.first_at
