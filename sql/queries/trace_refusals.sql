-- Refusals that name the message of a journey; of one that no queue had, those of its queue id, too.  $1 journey id.
with j as materialized (
    select group_key, hops from waybill.journey where journey_id = $1::bigint
), r as (
    select r.* from waybill.refusal r where r.message_key in (select group_key from j)
    union all
    select r.*
    from j
    join waybill.transit x on x.message_key = j.group_key
    join waybill.refusal r on r.queue_id = x.queue_id and r.host is not distinct from x.host
                          and r.message_key is distinct from x.message_key
                          and r.at between x.at - interval '10 seconds' and x.at + interval '10 minutes'
    where j.hops = 0
)
select at, host, queue_id, client_name, client_ip, helo, mail_from, recipient, action, stage, reason, rule, code, enhanced, reply
from r
order by at, host, recipient, refusal_id
limit 200;
