-- TLS reports by sender of the report, and those that sent some in the period before and none in this.
-- $1 since, $2 until.
with p as (
    select * from waybill.compared_periods($1::timestamptz, $2::timestamptz,
                                           (select max(waybill.report_at(begin_at, end_at)) from waybill.tls_report))
), reports as (
    select r.report_key, r.reporter, r.at, r.begin_at, r.end_at, coalesce(sum(x.successful_sessions), 0) as successful,
           coalesce(sum(x.failed_sessions), 0) as failed
    from (select *, coalesce(organization_name, contact_info, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.tls_report) as r
    left join waybill.tls_policy x using (report_key)
    group by 1, 2, 3, 4, 5
), now as (
    select r.reporter, count(*) as reports, sum(r.successful) as successful, sum(r.failed) as failed, min(r.begin_at) as first_at,
           max(r.end_at) as last_at
    from reports r
    where (coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity') and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity'))
    group by 1
), recent as (
    select distinct r.reporter from reports r, p where r.at >= p.since_at and r.at < p.until_at
), before as (
    select r.reporter, count(*) as reports, max(r.end_at) as last_at from reports r, p where r.at >= p.before_at and r.at < p.since_at group by 1
)
select reporter, coalesce(n.reports, 0) as reports, coalesce(n.successful, 0) as successful, coalesce(n.failed, 0) as failed,
       round(n.failed / nullif(n.successful + n.failed, 0), 6) as failed_share, n.first_at, coalesce(n.last_at, b.last_at) as last_at,
       coalesce(b.reports, 0) as reports_before,
       case when b.reporter is null and not exists (select from reports o, p where o.reporter = x.reporter and o.at < p.since_at) then 'new'
            when b.reporter is not null and c.reporter is null then 'silent' else 'reporting' end as state
from (select reporter from now union select reporter from before where reporter not in (select reporter from recent)) as x
left join now n using (reporter)
left join before b using (reporter)
left join recent c using (reporter)
order by (c.reporter is null and b.reporter is not null) desc, coalesce(n.failed, 0) desc, coalesce(n.successful, 0) desc, reporter
limit nullif(current_setting('waybill.rows', true), '')::bigint;
