-- Messages and deliveries by day (UTC) and outcome class; days without any in between are shown.
-- $1 since, $2 until.
with d as (
    select (first_at at time zone 'UTC')::date as day, count(*) as deliveries,
           count(*) filter (where class = 'delivered') as delivered,
           count(*) filter (where class = 'accepted') as accepted,
           count(*) filter (where class = 'pending') as pending,
           count(*) filter (where class = 'misplaced') as misplaced,
           count(*) filter (where class = 'vanished') as vanished,
           count(*) filter (where class = 'failed') as failed
    from waybill.delivery_end
    where first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
    group by 1
), j as (
    select (first_at at time zone 'UTC')::date as day, count(*) as messages
    from waybill.journey
    where first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
    group by 1
), span as (
    select min(day) as first, max(day) as last from (select day from d union all select day from j) as seen
), days as (
    -- at most ten years of empty days: a wrong clock must not fill the page
    select generate_series(greatest(first, last - 3660), last, interval '1 day')::date as day
    from span where first is not null
    union select day from d
    union select day from j
)
select day, coalesce(messages, 0) as messages, coalesce(deliveries, 0) as deliveries,
       coalesce(delivered, 0) as delivered, coalesce(accepted, 0) as accepted, coalesce(pending, 0) as pending,
       coalesce(misplaced, 0) as misplaced, coalesce(vanished, 0) as vanished, coalesce(failed, 0) as failed
from days left join d using (day) left join j using (day)
order by day;
