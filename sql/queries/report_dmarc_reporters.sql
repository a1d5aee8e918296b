-- DMARC by reporter.  $1 since, $2 until.
select coalesce(r.org_name, 'unknown') as reporter, count(distinct r.report_key) as reports,
       count(distinct r.domain) as domains, sum(c.count) as messages,
       coalesce(sum(c.count) filter (where c.dkim = 'pass' or c.spf = 'pass'), 0) as pass,
       round(coalesce(sum(c.count) filter (where c.dkim = 'pass' or c.spf = 'pass'), 0) / nullif(sum(c.count), 0), 6)
           as pass_share,
       min(r.begin_at) as first_at, max(r.end_at) as last_at
from waybill.dmarc_report r
left join waybill.dmarc_record c using (report_key)
where r.begin_at < coalesce($2::timestamptz, 'infinity') and coalesce(r.end_at, r.begin_at) >= coalesce($1::timestamptz, '-infinity')
group by 1
order by messages desc nulls last, reporter
limit 100;
