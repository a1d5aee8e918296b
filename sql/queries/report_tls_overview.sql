-- The period at a glance, beside the one before.  $1 since, $2 until.
with p as (
    select * from waybill.compared_periods($1::timestamptz, $2::timestamptz,
                                           (select max(waybill.report_at(begin_at, end_at)) from waybill.tls_report))
), now as (
    select count(distinct r.report_key) as reports, count(distinct r.reporter) as reporters, count(distinct x.policy_domain) as domains,
           coalesce(sum(x.successful_sessions), 0) as successful, coalesce(sum(x.failed_sessions), 0) as failed
    from (select *, coalesce(organization_name, contact_info, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.tls_report) as r
    left join waybill.tls_policy x using (report_key)
    where (coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity') and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity'))
), before as (
    select count(distinct r.report_key) as reports, coalesce(sum(x.successful_sessions), 0) as successful, coalesce(sum(x.failed_sessions), 0) as failed
    from (select *, coalesce(organization_name, contact_info, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.tls_report) as r
    join waybill.tls_policy x using (report_key), p
    where r.at >= p.before_at and r.at < p.since_at
)
select n.reports, n.reporters, n.domains, n.successful, n.failed, round(n.failed / nullif(n.successful + n.failed, 0), 6) as failed_share,
       case when $1 is not null then b.successful + b.failed end as sessions_before,
       case when $1 is not null then round(b.failed / nullif(b.successful + b.failed, 0), 6) end as failed_share_before
from now n, before b
where n.reports > 0 or b.reports > 0;
