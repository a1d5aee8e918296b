-- What ended badly, or was tried in vain, in the period although its message is older: it counts among the figures of
-- the day on which it was first seen, and would be missing from the report of the day that brought the news.
-- Messages older than 31 days before the period are not looked at.  $1 since, $2 until.
with d as (
    select * from waybill.delivery_end
    where class not in ('delivered', 'accepted')
      and first_at >= $1::timestamptz - interval '31 days' and first_at < $1::timestamptz
      and decided_at >= $1::timestamptz and decided_at < coalesce($2::timestamptz, 'infinity')
)
select d.outcome, coalesce(stage, 'unknown') as stage, coalesce(reason, 'undefined') as reason, receiver,
       count(*) as deliveries, min(first_at) as first_at, max(decided_at) as last_at,
       (array_agg(journey_id order by decided_at desc, journey_id))[1] as example,
       mode() within group (order by waybill.reply_said(code, enhanced, reply)) as reply
from d
left join waybill.outcome_word w using (outcome)
group by d.outcome, w.class, coalesce(stage, 'unknown'), coalesce(reason, 'undefined'), receiver
order by w.class = 'pending', deliveries desc, d.outcome, stage, reason, receiver;
