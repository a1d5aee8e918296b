-- Failures named in TLS reports (RFC 8460 section 4.3), most sessions first, with what they mean.  $1 since, $2 until.
select f.result_type, p.policy_domain, f.receiving_mx_hostname, sum(f.failed_sessions) as failed,
       count(distinct f.sending_mta_ip) as senders, count(distinct r.reporter) as reporters,
       mode() within group (order by coalesce(f.failure_reason_code, f.additional_information)) as detail,
       coalesce(w.meaning, 'No result type of RFC 8460') as meaning, w.advice
from (select *, coalesce(organization_name, contact_info, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.tls_report) as r
join waybill.tls_policy p using (report_key)
join waybill.tls_failure f using (report_key, policy)
left join waybill.tls_result_word w using (result_type)
where (coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity') and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity'))
group by f.result_type, p.policy_domain, f.receiving_mx_hostname, w.meaning, w.advice
order by failed desc nulls last, f.result_type, p.policy_domain, f.receiving_mx_hostname
limit nullif(current_setting('waybill.rows', true), '')::bigint;
