-- DMARC reports as a report counts them: chosen, those of its period; phase, where they stand in the comparison with
-- the period before: 0 earlier, 1 before, 2 now, 3 later; null: no time, or nothing to compare.  $1 since, $2 until.
with r as materialized (
    select report_key, coalesce(org_name, email, 'unknown') as reporter, domain, begin_at, end_at,
           waybill.report_at(begin_at, end_at) as at
    from waybill.dmarc_report
), p as (
    select * from waybill.compared_periods($1::timestamptz, $2::timestamptz, (select max(at) from r))
)
select r.*, coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity')
            and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity') as chosen,
       case when r.at < p.before_at then 0 when r.at < p.since_at then 1 when r.at < p.until_at then 2
            when r.at >= p.until_at then 3 end as phase
from r left join p on true
