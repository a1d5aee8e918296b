-- Each stage in the order of the chain: how many deliveries reached it, and how they left it.
-- A delivery passed every stage before the one at which it ended; reached = passed + degraded + failed +
-- deferred + out_of_sight, and the next stage is reached by those that passed, degraded or not.
-- $1 since, $2 until.
with d as materialized (
    select journey_id, recipient, class, end_ord
    from waybill.delivery_end
    where first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
), f as materialized (
    select distinct f.journey_id, s.ord
    from waybill.finding f join waybill.stage_word s using (stage)
    where f.severity = 'degradation'
      and f.first_at >= coalesce($1::timestamptz, '-infinity') and f.first_at < coalesce($2::timestamptz, 'infinity')
), ends as (
    select end_ord, count(*) as n,
           count(*) filter (where class in ('failed', 'vanished', 'misplaced')) as failed,
           count(*) filter (where class = 'pending') as deferred,
           count(*) filter (where class = 'accepted') as out_of_sight
    from d group by end_ord
), degraded as (
    select f.ord, count(*) as n
    from f join d using (journey_id)
    where d.end_ord > f.ord
    group by f.ord
), refused as (
    select s.ord, count(*) as n
    from waybill.refusal r join waybill.stage_word s using (stage)
    where r.at >= coalesce($1::timestamptz, '-infinity') and r.at < coalesce($2::timestamptz, 'infinity')
      and coalesce(r.action, '') !~ 'discard|hold'
    group by s.ord
), stages as (
    select s.ord, s.stage, s.meaning,
           (select coalesce(sum(n), 0) from ends where end_ord >= s.ord) as reached,
           coalesce(e.failed, 0) as failed, coalesce(e.deferred, 0) as deferred,
           coalesce(e.out_of_sight, 0) as out_of_sight,
           (select coalesce(sum(n), 0) from ends where end_ord > s.ord) as went_on,
           coalesce(g.n, 0) as degraded, coalesce(r.n, 0) as refused
    from waybill.stage_word s
    left join ends e on e.end_ord = s.ord
    left join degraded g on g.ord = s.ord
    left join refused r on r.ord = s.ord
    where s.ord <= 12
)
select stage, reached, went_on - degraded as passed, degraded, failed, deferred, out_of_sight,
       round(failed / nullif(reached, 0), 6) as failed_share, refused, meaning
from stages
where exists (select from d)
order by ord;
