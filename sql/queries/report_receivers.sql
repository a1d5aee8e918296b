-- Receivers, worst first.  $1 since, $2 until.
with d as materialized (
    select * from waybill.delivery_end
    where first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
), f as (
    select distinct journey_id
    from waybill.finding
    where severity = 'degradation'
      and first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
)
select d.receiver, count(*) as deliveries,
       count(*) filter (where class = 'delivered') as delivered,
       count(*) filter (where class = 'accepted') as accepted,
       count(*) filter (where class = 'pending') as deferred,
       count(*) filter (where class = 'misplaced') as misplaced,
       count(*) filter (where class = 'vanished') as vanished,
       count(*) filter (where class = 'failed') as failed,
       round(count(*) filter (where class in ('failed', 'vanished'))::numeric / count(*), 6) as failed_share,
       count(*) filter (where f.journey_id is not null) as degraded,
       mode() within group (order by reason) filter (where class in ('failed', 'pending')) as main_reason,
       round(percentile_cont(0.5) within group (order by delay_s)
           filter (where class in ('delivered', 'accepted'))::numeric, 3) as delay_p50,
       round(percentile_cont(0.95) within group (order by delay_s)
           filter (where class in ('delivered', 'accepted'))::numeric, 3) as delay_p95
from d left join f using (journey_id)
group by d.receiver
order by count(*) filter (where class in ('failed', 'vanished')) desc, failed_share desc, deliveries desc, d.receiver;
