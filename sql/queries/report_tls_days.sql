-- TLS reports by day (UTC): that of the middle of the report's period.  $1 since, $2 until.
select (r.at at time zone 'UTC')::date as day, count(distinct r.report_key) as reports, sum(p.successful_sessions) as successful,
       sum(p.failed_sessions) as failed,
       round(sum(p.failed_sessions) / nullif(coalesce(sum(p.successful_sessions), 0) + coalesce(sum(p.failed_sessions), 0), 0), 6) as failed_share
from (select *, coalesce(organization_name, contact_info, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.tls_report) as r
join waybill.tls_policy p using (report_key)
where (coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity') and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity'))
group by 1
order by 1;
