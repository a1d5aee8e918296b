-- Notifications without a Message-ID find their group: by the queue id that their writer had (the host that reports
-- it first, else the nearest in time), else by the one message that the envelope sender sent to the recipient
-- before (with a sender of its own for each message, VERP, there is only one).  Those look for it that are new, and
-- those of a time of which new logs tell.
-- $1: last load analyzed, $2: last one to take.
with new_log as materialized (
    select s.first_at, s.last_at from waybill.source s
    where s.load_id > $1::bigint and s.load_id <= $2::bigint and s.lines > 0
), keyless as materialized (
    select d.* from waybill.dsn d
    where d.message_key is null and d.load_id <= $2::bigint
      and not exists (select from waybill.dsn_link l where l.dsn_key = d.dsn_key)
      and (d.load_id > $1::bigint or exists (
          select from new_log s
          where s.first_at <= greatest(d.arrival_at, d.at) + interval '7 days'
            and s.last_at >= least(d.arrival_at, d.at) - interval '7 days'))
), span as materialized (
    select min(from_at) as from_at, max(until_at) as until_at
    from (select *, count(*) filter (where fresh) over (order by from_at, until_at rows unbounded preceding) as island
          from (select *, coalesce(from_at - max(until_at) over (order by from_at, until_at rows between unbounded preceding and 1 preceding)
                                   > interval '1 hour', true) as fresh
                from (select coalesce(arrival_at, at - interval '6 days') - interval '1 hour' as from_at,
                             coalesce(arrival_at + interval '1 hour', at + interval '1 hour') as until_at
                      from keyless where original_queue_id is not null) r) f) i
    group by island
), around as materialized (
    select t.*
    from span s
    cross join lateral (select t.transit_id, t.message_key, t.host, t.queue_id, t.at from waybill.transit t
                        where t.at between s.from_at and s.until_at
                          and t.queue_id in (select original_queue_id from keyless) offset 0) t
), by_queue_id as (
    select distinct on (d.dsn_key) d.dsn_key, coalesce(l.group_key, t.message_key) as group_key
    from around t
    join keyless d on t.queue_id = d.original_queue_id
     and t.at between coalesce(d.arrival_at, d.at - interval '6 days') - interval '1 hour'
                  and coalesce(d.arrival_at + interval '1 hour', d.at + interval '1 hour')
    left join waybill.transit_link l on l.transit_id = t.transit_id and l.message_key = t.message_key
    order by d.dsn_key, (t.host is not distinct from d.reporting_mta) desc,
             abs(extract(epoch from t.at - coalesce(d.arrival_at, d.at))), t.transit_id
), by_sender as (
    select dsn_key, min(group_key) as group_key
    from (select distinct d.dsn_key, coalesce(l.group_key, t.message_key) as group_key
          from keyless d
          join waybill.dsn_recipient r on r.dsn_key = d.dsn_key
          join waybill.transit t on t.mail_from = d.original_mail_from
           and t.at between d.at - interval '6 days' and d.at + interval '1 hour'
          join waybill.attempt_log a on a.transit_id = t.transit_id and a.message_key = t.message_key
           and (lower(a.recipient) = lower(r.recipient) or lower(a.recipient) = lower(r.original_recipient))
          left join waybill.transit_link l on l.transit_id = t.transit_id and l.message_key = t.message_key
          where not exists (select from by_queue_id q where q.dsn_key = d.dsn_key)) c
    group by dsn_key
    having count(*) = 1
), found as (
    insert into waybill.dsn_link
    select dsn_key, group_key from by_queue_id union all select dsn_key, group_key from by_sender
    returning group_key
)
insert into waybill.dirty_key (group_key, known) select distinct group_key, false from found on conflict do nothing
