-- Reports that came more than once with different contents: same reporter, id, domain and period.  $1 since, $2 until.
select coalesce(r.organization_name, r.contact_info, 'unknown') as reporter, r.report_id, r.begin_at,
       case when s.counts then 'counts' else 'set aside' end as state, s.policies, s.failures,
       s.successful_sessions as successful, s.failed_sessions as failed, o.path, s.byte_offset
from waybill.tls_resend s
join (select *, waybill.report_at(begin_at, end_at) as at from waybill.tls_report) as r using (report_key)
left join waybill.source o on o.source_id = s.source_id
where coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity')
  and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity')
order by reporter, r.report_id, r.begin_at, s.counts desc, s.policies desc, s.failures desc, s.content
limit nullif(current_setting('waybill.rows', true), '')::bigint;
