-- Deliveries that failed, by the stage that failed them.  $1 since, $2 until.
with d as (
    select * from waybill.delivery_end
    where class in ('failed', 'vanished')
      and first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
)
select coalesce(d.stage, 'unknown') as stage, count(*) as deliveries,
       round(count(*)::numeric / sum(count(*)) over (), 6) as share, count(distinct receiver) as receivers,
       mode() within group (order by coalesce(reason, 'undefined')) as main_reason,
       min(coalesce(decided_at, first_at)) as first_at, max(coalesce(decided_at, first_at)) as last_at
from d
group by coalesce(d.stage, 'unknown')
order by deliveries desc, stage;
