-- Deliveries that failed, by stage, reason and receiver, worst first, and how many did so in the period of same length
-- before.  $1 since, $2 until.
with periods as materialized (
    select p.before_at
    from waybill.compared_periods($1::timestamptz, $2::timestamptz, (select max(first_at) from waybill.journey)) p
    where $1 is not null
), d as (
    select *, first_at < $1::timestamptz is true as earlier
    from waybill.delivery_end
    where class = 'failed'
      and first_at >= coalesce((select before_at from periods), $1::timestamptz, '-infinity')
      and first_at < coalesce($2::timestamptz, 'infinity')
), kinds as (
    select coalesce(stage, 'unknown') as stage, coalesce(reason, 'undefined') as reason, receiver, outcome,
           count(*) filter (where not earlier) as deliveries,
           case when $1::timestamptz is not null then count(*) filter (where earlier) end as before,
           min(coalesce(decided_at, first_at)) filter (where not earlier) as first_at,
           max(coalesce(decided_at, first_at)) filter (where not earlier) as last_at,
           (array_agg(journey_id order by first_at desc, journey_id) filter (where not earlier))[1] as example,
           mode() within group (order by waybill.reply_said(code, enhanced, reply)) filter (where not earlier) as reply,
           mode() within group (order by rule) filter (where not earlier) as rule
    from d
    group by coalesce(stage, 'unknown'), coalesce(reason, 'undefined'), receiver, outcome
)
select stage, reason, receiver, outcome, deliveries, round(deliveries::numeric / sum(deliveries) over (), 6) as share, before,
       first_at, last_at, example, reply, rule
from kinds
where deliveries > 0
order by deliveries desc, stage, reason, receiver, outcome;
