-- Failed sessions by the MX they were with.  $1 since, $2 until.
select coalesce(f.receiving_mx_hostname, host(f.receiving_ip), 'not said') as mx, count(distinct p.policy_domain) as domains,
       sum(f.failed_sessions) as failed, count(distinct f.result_type) as result_types, count(distinct f.sending_mta_ip) as senders,
       count(distinct r.reporter) as reporters, min(r.begin_at) as first_at, max(r.end_at) as last_at,
       string_agg(distinct f.result_type, ', ' order by f.result_type) as results
from (select *, coalesce(organization_name, contact_info, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.tls_report) as r
join waybill.tls_policy p using (report_key)
join waybill.tls_failure f using (report_key, policy)
where (coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity') and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity'))
group by 1
order by failed desc nulls last, mx
limit nullif(current_setting('waybill.rows', true), '')::bigint;
