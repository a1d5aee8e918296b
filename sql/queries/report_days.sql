-- Messages and deliveries by day (UTC) and outcome class; up to a month of days without any is shown, too.  A wrong
-- clock must not fill the page with what lies between it and the others.
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
), seen as (
    select day, lead(day) over (order by day) as next from (select day from d union select day from j) as both_kinds
), days as (
    select day from seen
    union all
    select generate_series(day + 1, next - 1, interval '1 day')::date from seen where next - day between 2 and 32
)
select day, coalesce(messages, 0) as messages, coalesce(deliveries, 0) as deliveries,
       coalesce(delivered, 0) as delivered, coalesce(accepted, 0) as accepted, coalesce(pending, 0) as pending,
       coalesce(misplaced, 0) as misplaced, coalesce(vanished, 0) as vanished, coalesce(failed, 0) as failed
from days left join d using (day) left join j using (day)
order by day;
