-- Reports that came more than once with different contents: same reporter, id, domain and period.  $1 since, $2 until.
select coalesce(r.org_name, r.email, 'unknown') as reporter, r.report_id, r.domain, r.begin_at,
       case when s.counts then 'counts' else 'set aside' end as state, s.records, s.messages, s.passed as pass, o.path, s.byte_offset
from waybill.dmarc_resend s
join (select *, waybill.report_at(begin_at, end_at) as at from waybill.dmarc_report) as r using (report_key)
left join waybill.source o on o.source_id = s.source_id
where coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity')
  and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity')
order by reporter, r.report_id, r.domain, r.begin_at, s.counts desc, s.records desc, s.messages desc, s.content
limit nullif(current_setting('waybill.rows', true), '')::bigint;
