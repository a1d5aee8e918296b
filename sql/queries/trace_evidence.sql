-- Where the facts of a journey were read.  $1 journey id.
with h as materialized (
    select transit_id, group_key
    from waybill.hop
    where journey_id = $1::bigint and transit_id is not null
), keys as materialized (
    select distinct group_key as message_key from waybill.journey where journey_id = $1::bigint
    union select group_key from h
), every as materialized (
    select message_key from keys
    union select l.message_key from waybill.transit_link l join keys on l.group_key = keys.message_key
), mine as materialized (
    select x.transit_id, x.message_key, x.queue_id, x.host, x.at, x.removed_at, x.source_id, x.byte_offset, x.byte_length, x.lines
    from every join waybill.transit x using (message_key)
), refused as materialized (
    -- what never got into a queue, or was never seen to leave it, is no hop
    select x.transit_id, x.message_key, x.queue_id, x.host, x.at
    from mine x
    where (x.removed_at is null or not exists (select from h))
      and x.transit_id not in (
          select o.transit_id from waybill.journey j join waybill.hop o using (journey_id)
          where j.group_key in (select message_key from keys) and o.transit_id is not null)
), t as materialized (
    select transit_id from h
    union
    select l.transit_id from h join waybill.transit_link l on l.group_key = h.group_key and l.root_transit_id = h.transit_id
    union
    select transit_id from refused
)
select 'transit/' || x.transit_id as fact, x.source_id, x.byte_offset, x.byte_length, x.lines
from mine x
where x.transit_id in (select transit_id from t)
union all
select 'attempt/' || a.attempt_id, a.source_id, a.byte_offset, a.byte_length, null
from waybill.attempt_log a
where a.transit_id in (select transit_id from t)
union all
select 'notification/' || n.transit_id, n.source_id, n.byte_offset, n.byte_length, null
from waybill.notification n
where n.transit_id in (select transit_id from t)
union all
select 'refusal/' || r.refusal_id, r.source_id, r.byte_offset, r.byte_length, null
from waybill.refusal r
where r.message_key in (select message_key from keys)
union all
select 'refusal/' || r.refusal_id, r.source_id, r.byte_offset, r.byte_length, null
from refused x
join waybill.refusal r on r.queue_id = x.queue_id and r.host is not distinct from x.host
                      and r.message_key is distinct from x.message_key
                      and r.at between x.at - interval '10 seconds' and x.at + interval '10 minutes'
union all
select 'verdict/' || v.verdict_id, v.source_id, v.byte_offset, v.byte_length, null
from waybill.verdict_log v
where v.verdict_id in (select verdict_id from waybill.journey_verdict where journey_id = $1::bigint)
union all
select 'message/' || encode(m.sha256, 'hex'), m.source_id, m.byte_offset, m.byte_length, null
from waybill.message m
where m.journey_id = $1::bigint
union all
select 'dsn/' || d.dsn_key, d.source_id, d.byte_offset, d.byte_length, null
from waybill.dsn d
where d.journey_id = $1::bigint
union all
select 'complaint/' || c.complaint_key, c.source_id, c.byte_offset, c.byte_length, null
from waybill.complaint c
where c.journey_id = $1::bigint
union all
select 'dmarc_failure/' || f.failure_key, f.source_id, f.byte_offset, f.byte_length, null
from waybill.dmarc_failure f
where f.journey_id = $1::bigint
order by source_id, byte_offset, fact
limit 5000;
