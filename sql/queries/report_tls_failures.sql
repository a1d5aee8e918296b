-- Failures named in TLS reports (RFC 8460 section 4.3), most sessions first.  $1 since, $2 until.
select f.result_type, p.policy_domain, f.receiving_mx_hostname, sum(f.failed_sessions) as failed,
       count(distinct f.sending_mta_ip) as senders, count(distinct r.organization_name) as reporters,
       mode() within group (order by coalesce(f.failure_reason_code, f.additional_information)) as detail
from waybill.tls_report r
join waybill.tls_policy p using (report_key)
join waybill.tls_failure f using (report_key, policy)
where r.begin_at < coalesce($2::timestamptz, 'infinity') and coalesce(r.end_at, r.begin_at) >= coalesce($1::timestamptz, '-infinity')
group by f.result_type, p.policy_domain, f.receiving_mx_hostname
order by failed desc nulls last, f.result_type, p.policy_domain, f.receiving_mx_hostname
limit 100;
