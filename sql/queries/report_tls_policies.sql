-- TLS reports (RFC 8460) by policy domain.  $1 since, $2 until.
select p.policy_domain, p.policy_type, p.mx_host, count(distinct r.report_key) as reports,
       count(distinct r.reporter) as reporters, sum(p.successful_sessions) as successful,
       sum(p.failed_sessions) as failed,
       round(sum(p.failed_sessions) / nullif(coalesce(sum(p.successful_sessions), 0) + coalesce(sum(p.failed_sessions), 0), 0), 6) as failed_share,
       min(r.begin_at) as first_at, max(r.end_at) as last_at
from (select *, coalesce(organization_name, contact_info, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.tls_report) as r
join waybill.tls_policy p using (report_key)
where (coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity') and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity'))
group by p.policy_domain, p.policy_type, p.mx_host
order by failed desc nulls last, successful desc nulls last, p.policy_domain, p.policy_type, p.mx_host
limit nullif(current_setting('waybill.rows', true), '')::bigint;
