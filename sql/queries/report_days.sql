-- Deliveries by day (UTC) and outcome class; days without any in between are shown.  $1 since, $2 until.
with d as (
    select (first_at at time zone 'UTC')::date as day, class, journey_id
    from waybill.delivery_end
    where first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
), span as (
    select min(day) as first, max(day) as last from d
), days as (
    -- at most ten years of empty days: a wrong clock must not fill the page
    select generate_series(greatest(first, last - 3660), last, interval '1 day')::date as day
    from span where first is not null
    union select day from d
)
select days.day, count(distinct d.journey_id) as messages, count(d.class) as deliveries,
       count(*) filter (where class = 'delivered') as delivered,
       count(*) filter (where class = 'accepted') as accepted,
       count(*) filter (where class = 'pending') as pending,
       count(*) filter (where class = 'misplaced') as misplaced,
       count(*) filter (where class = 'vanished') as vanished,
       count(*) filter (where class = 'failed') as failed
from days left join d using (day)
group by days.day
order by days.day;
