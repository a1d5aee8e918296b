-- Deliveries that looked fine to the sender and were not: accepted, then put aside, thrown away or lost.
-- $1 since, $2 until.
with d as (
    select * from waybill.delivery_end
    where class in ('misplaced', 'vanished')
      and first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
)
select d.outcome, d.receiver, d.decided_by, coalesce(d.reason, 'undefined') as reason, count(*) as deliveries,
       round(count(*)::numeric / sum(count(*)) over (), 6) as share,
       min(d.first_at) as first_at, max(d.first_at) as last_at,
       (array_agg(d.journey_id order by d.first_at desc, d.journey_id))[1] as example,
       mode() within group (order by concat_ws(' ', d.code, d.enhanced, d.reply)) as reply
from d
left join waybill.outcome_word w using (outcome)
group by d.outcome, w.ord, d.receiver, d.decided_by, coalesce(d.reason, 'undefined')
order by w.ord desc, deliveries desc, d.receiver, d.decided_by, reason
limit 100;
