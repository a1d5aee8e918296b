-- Recent messages that failed, one per stage and reason, so that each kind of trouble can be looked at.
-- $1 since, $2 until.
with d as (
    select e.*, row_number() over (partition by e.outcome, e.stage, e.reason
                                   order by e.first_at desc, e.journey_id, e.recipient) as nth,
           count(*) over (partition by e.outcome, e.stage, e.reason) as alike
    from waybill.delivery_end e
    where e.class in ('failed', 'vanished', 'misplaced')
      and e.first_at >= coalesce($1::timestamptz, '-infinity') and e.first_at < coalesce($2::timestamptz, 'infinity')
)
select d.first_at as at, d.outcome, coalesce(d.stage, 'unknown') as stage, coalesce(d.reason, 'undefined') as reason,
       d.recipient, d.alike, d.journey_id as example, 'waybill trace journey/' || d.journey_id as command
from d
where nth = 1
order by d.alike desc, d.first_at desc, d.outcome, d.stage, d.reason, d.journey_id
limit 25;
