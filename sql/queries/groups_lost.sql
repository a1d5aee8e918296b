-- Deliveries that a host of ours accepted under a queue id and that its logs, though they cover the time, do not
-- know: lost.  A relay is a host of ours if messages sent to it were found in that host's logs, or if it bears that
-- host's very name.  Where many acceptances of one relay are not found, others stand behind its name or address:
-- nothing is said then.  $1, $2: times between which the new logs lie, $3: now, $4: grace period in seconds.
with own as materialized (
    select relay, array_agg(host order by linked desc, host) as hosts, bool_or(host = relay) as self,
           sum(linked) as linked
    from waybill.relay_host
    group by relay
), gone as materialized (
    select h.journey_id, h.group_key, h.first_at, h.arrived_at, h.queue_id, d.recipient, d.reply, d.hosts, d.linked, d.self, d.relay
    from waybill.hop h
    cross join lateral (
        select d.recipient, d.reply, o.hosts, o.linked, o.self, o.relay
        from waybill.delivery d
        join waybill.attempt a on a.journey_id = d.journey_id and a.attempt_id = d.attempt_id
        join own o on o.relay in (lower(a.relay_host), host(a.relay_ip))
        where d.journey_id = h.journey_id and d.first_at = h.first_at and d.outcome = 'accepted'
          and a.next_queue_id = h.queue_id) d
    where h.transit_id is null and h.seen_in = 'log' and lower(h.host) in (select relay from own)
      and h.first_at between $1::timestamptz and $2::timestamptz
      and h.arrived_at < $3::timestamptz - make_interval(secs => $4::double precision)
), one as (
    select distinct on (journey_id, recipient, queue_id) * from gone
    order by journey_id, recipient, queue_id, linked desc, relay
), rare as (
    select o.*, count(*) over (partition by relay) as missing from one o
), span as (
    select min(arrived_at) - interval '1 day' as since, max(arrived_at) + interval '1 day' as until,
           (select array_agg(distinct x) from one, unnest(hosts) x) as hosts, array_agg(queue_id) as ids
    from one
), seen as materialized (
    select lower(t.host) as host, t.source_id, date_bin('5 minutes', t.at, 'epoch') as bin,
           min(t.at) as first_at, max(t.at) as last_at, array_agg(t.queue_id) filter (where t.queue_id = any (s.ids)) as ids
    from span s
    join waybill.transit t on t.at between s.since and s.until and lower(t.host) = any (s.hosts)
    group by 1, 2, 3
), lost as materialized (
    select distinct r.journey_id, r.group_key, r.first_at, r.recipient, r.reply, r.hosts[1] as host
    from rare r
    where (r.self or r.missing <= 2 or r.linked >= 4 * r.missing)
      and not exists (select from seen s where s.host = any (r.hosts) and r.queue_id = any (s.ids))
      and not exists (
          select from unnest(r.hosts) as h (host)
          where not exists (
              select from seen b join seen a on a.host = b.host
              where b.host = h.host and b.first_at <= r.arrived_at and a.last_at >= r.arrived_at
                and (a.source_id = b.source_id
                     or (b.last_at > r.arrived_at - interval '1 hour' and a.first_at < r.arrived_at + interval '1 hour'))))
      -- the message came to that host, and not under a name we were told: then this may be it
      and not exists (
          select from waybill.hop h
          where h.journey_id = r.journey_id and h.first_at = r.first_at and h.transit_id is not null
            and lower(h.host) = any (r.hosts) and h.arrived_at between r.arrived_at - interval '10 minutes' and r.arrived_at + interval '10 minutes'
            and not exists (select from waybill.attempt_log a
                            where a.message_key = r.group_key and a.next_queue_id = h.queue_id
                              and a.at between r.arrived_at - interval '1 day' and r.arrived_at + interval '1 day'))
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
