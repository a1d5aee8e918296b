-- Refusals that name the message of a journey; and those of a queue id that no hop bears, as nothing was seen to leave
-- that queue.  $1 journey id.
with j as materialized (
    select distinct group_key, hops from waybill.journey where journey_id = $1::bigint
), r as (
    select r.* from waybill.refusal r where r.message_key in (select group_key from j)
    union
    select r.*
    from waybill.transit x
    join waybill.refusal r on r.queue_id = x.queue_id and r.host is not distinct from x.host
                          and r.message_key is distinct from x.message_key
                          and r.at between x.at - interval '10 seconds' and x.at + interval '10 minutes'
    where x.message_key in (
              select group_key from j
              union select l.message_key from waybill.transit_link l join j on l.group_key = j.group_key)
      and (x.removed_at is null or (select hops from j) = 0)
      and x.transit_id not in (
          select o.transit_id from waybill.journey k join waybill.hop o using (journey_id)
          where k.group_key in (select group_key from j) and o.transit_id is not null)
)
select at, host, queue_id, client_name, client_ip, helo, mail_from, recipient, action, stage, reason, rule, code, enhanced, reply
from r
order by at, host, recipient, refusal_id
limit 200;
