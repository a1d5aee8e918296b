-- Time from first sight to delivery, by day (UTC).  $1 since, $2 until.
select (first_at at time zone 'UTC')::date as day, count(*) as deliveries,
       round(percentile_cont(0.5) within group (order by delay_s)::numeric, 3) as p50,
       round(percentile_cont(0.95) within group (order by delay_s)::numeric, 3) as p95,
       round(max(delay_s)::numeric, 3) as max
from waybill.delivery_end
where class in ('delivered', 'accepted') and delay_s is not null
  and first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
group by 1
order by 1;
