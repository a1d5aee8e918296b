-- Deliveries that failed, by stage, reason and receiver, worst first.  $1 since, $2 until.
with d as (
    select * from waybill.delivery_end
    where class = 'failed'
      and first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
)
select coalesce(stage, 'unknown') as stage, coalesce(reason, 'undefined') as reason, receiver, outcome,
       count(*) as deliveries, round(count(*)::numeric / sum(count(*)) over (), 6) as share,
       min(coalesce(decided_at, first_at)) as first_at, max(coalesce(decided_at, first_at)) as last_at,
       (array_agg(journey_id order by first_at desc, journey_id))[1] as example,
       mode() within group (order by waybill.reply_said(code, enhanced, reply)) as reply,
       mode() within group (order by rule) as rule
from d
group by coalesce(stage, 'unknown'), coalesce(reason, 'undefined'), receiver, outcome
order by deliveries desc, stage, reason, receiver, outcome;
