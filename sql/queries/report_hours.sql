-- The same by hour (UTC), where the messages of the period lie within three days: when in the night it went wrong.
-- $1 since, $2 until.
with whole as (
    select date_trunc('hour', min(first_at), 'UTC') as low, date_trunc('hour', max(first_at), 'UTC') as high
    from waybill.journey
    where first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
), hours as (
    select generate_series(low, high, interval '1 hour') as hour
    from whole where high - low between interval '1 hour' and interval '3 days'
), d as (
    select date_trunc('hour', first_at, 'UTC') as hour, count(*) as deliveries,
           count(*) filter (where class = 'delivered') as delivered,
           count(*) filter (where class = 'accepted') as accepted,
           count(*) filter (where class = 'pending') as pending,
           count(*) filter (where class = 'misplaced') as misplaced,
           count(*) filter (where class = 'vanished') as vanished,
           count(*) filter (where class = 'failed') as failed
    from waybill.delivery_end
    where exists (select from hours)
      and first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
    group by 1
)
select to_char(hour at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as hour, coalesce(deliveries, 0) as deliveries,
       coalesce(delivered, 0) as delivered, coalesce(accepted, 0) as accepted,
       coalesce(pending, 0) as pending, coalesce(misplaced, 0) as misplaced, coalesce(vanished, 0) as vanished,
       coalesce(failed, 0) as failed
from hours left join d using (hour)
order by hour;
