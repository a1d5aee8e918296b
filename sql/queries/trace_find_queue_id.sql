-- Journeys that passed a queue, or were refused, thrown away or lost after they had its id: then no hop bears it.
-- $1 queue id; $2 host, in full or up to a dot, or null.
with named as (
    select h.journey_id, h.first_at, h.host
    from waybill.hop h
    where h.queue_id = $1
    union
    select j.journey_id, j.first_at, r.host
    from waybill.refusal r
    join waybill.journey j on j.group_key = r.message_key
    where r.queue_id = $1
    union
    select j.journey_id, j.first_at, x.host
    from waybill.loose_transit x
    join waybill.transit_link l on l.transit_id = x.transit_id and l.message_key = x.message_key
    join waybill.journey j on j.group_key = l.group_key
    where x.queue_id = $1
    union
    select j.journey_id, j.first_at, r.host
    from waybill.refusal r
    join waybill.loose_transit x on x.queue_id = r.queue_id and x.host is not distinct from r.host and not x.named
                          and r.at between x.at - interval '10 seconds' and x.at + interval '10 minutes'
    join waybill.journey j on j.group_key = x.message_key and j.hops = 0
    where r.queue_id = $1 and x.queue_id = $1
)
select distinct journey_id, first_at
from named
where $2::text is null or host = $2 or host like replace(replace(replace($2, '\', '\\'), '%', '\%'), '_', '\_') || '.%'
order by first_at, journey_id
limit 50;
