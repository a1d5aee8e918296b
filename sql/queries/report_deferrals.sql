-- Deliveries that wait, by stage, reason and receiver.  $1 since, $2 until.
with d as (
    select * from waybill.delivery_end
    where class = 'pending'
      and first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
)
select coalesce(stage, 'unknown') as stage, coalesce(reason, 'undefined') as reason, receiver, outcome,
       count(*) as deliveries, sum(attempts) as attempts, max(delay_s) as delay_max, min(first_at) as first_at,
       (array_agg(journey_id order by first_at, journey_id))[1] as example,
       mode() within group (order by waybill.reply_said(code, enhanced, reply)) as reply
from d
group by coalesce(stage, 'unknown'), coalesce(reason, 'undefined'), receiver, outcome
order by deliveries desc, stage, reason, receiver, outcome;
