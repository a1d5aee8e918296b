-- The figures at the head of a report, one row.  $1 since, $2 until.
with d as materialized (
    select * from waybill.delivery_end
    where first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
), j as (
    select count(*) as messages, min(first_at) as first_at, max(last_at) as last_at
    from waybill.journey
    where first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
), worst as (
    select receiver, count(*) filter (where class in ('failed', 'vanished')) as failed, count(*) as n
    from d group by receiver
    order by 2 desc, 2::numeric / count(*) desc, receiver limit 1
), why as (
    select coalesce(reason, 'undefined') as reason, count(*) as n
    from d where class in ('failed', 'vanished')
    group by 1
    order by 2 desc, 1 limit 1
), f as (
    select count(distinct journey_id) as degraded
    from waybill.finding
    where severity = 'degradation'
      and first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
), r as (
    select count(*) as refusals
    from waybill.refusal
    where at >= coalesce($1::timestamptz, '-infinity') and at < coalesce($2::timestamptz, 'infinity')
      and coalesce(action, '') !~ 'discard|hold'
), s as (
    select count(*) as deliveries,
           count(*) filter (where class = 'delivered') as delivered,
           count(*) filter (where class = 'accepted') as accepted,
           count(*) filter (where class = 'misplaced') as misplaced,
           count(*) filter (where class = 'pending') as pending,
           count(*) filter (where class = 'failed') as failed,
           count(*) filter (where class = 'vanished') as vanished,
           percentile_cont(0.5) within group (order by delay_s)
               filter (where class in ('delivered', 'accepted')) as delay_p50,
           percentile_cont(0.95) within group (order by delay_s)
               filter (where class in ('delivered', 'accepted')) as delay_p95
    from d
)
select j.messages, s.deliveries, s.delivered, s.accepted,
       round((s.delivered + s.accepted)::numeric / nullif(s.deliveries, 0), 6) as arrived_share,
       s.misplaced, s.pending, s.failed, s.vanished,
       round((s.failed + s.vanished)::numeric / nullif(s.deliveries, 0), 6) as failed_share,
       why.reason as main_reason, why.n as main_reason_failed,
       f.degraded, round(f.degraded::numeric / nullif(j.messages, 0), 6) as degraded_share, r.refusals,
       round(s.delay_p50::numeric, 3) as delay_p50, round(s.delay_p95::numeric, 3) as delay_p95,
       case when worst.failed > 0 then worst.receiver end as worst_receiver,
       case when worst.failed > 0 then worst.failed end as worst_failed,
       case when worst.failed > 0 then round(worst.failed::numeric / worst.n, 6) end as worst_share,
       j.first_at, j.last_at
from s cross join j cross join f cross join r left join worst on true left join why on true;
