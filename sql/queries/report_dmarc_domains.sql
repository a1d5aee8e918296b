-- DMARC by domain, worst first.  $1 since, $2 until: reports whose period touches it.
select coalesce(c.header_from, r.domain) as domain, count(distinct r.report_key) as reports,
       count(distinct r.org_name) as reporters, sum(c.count) as messages,
       coalesce(sum(c.count) filter (where c.dkim = 'pass' or c.spf = 'pass'), 0) as pass,
       coalesce(sum(c.count) filter (where c.dkim is distinct from 'pass' and c.spf is distinct from 'pass'), 0) as fail,
       round(coalesce(sum(c.count) filter (where c.dkim = 'pass' or c.spf = 'pass'), 0) / nullif(sum(c.count), 0), 6)
           as pass_share,
       coalesce(sum(c.count) filter (where c.dkim = 'pass' and c.spf = 'pass'), 0) as both,
       coalesce(sum(c.count) filter (where c.dkim = 'pass' and c.spf is distinct from 'pass'), 0) as dkim_only,
       coalesce(sum(c.count) filter (where c.dkim is distinct from 'pass' and c.spf = 'pass'), 0) as spf_only,
       coalesce(sum(c.count) filter (where c.disposition = 'quarantine'), 0) as quarantined,
       coalesce(sum(c.count) filter (where c.disposition = 'reject'), 0) as rejected
from waybill.dmarc_report r
join waybill.dmarc_record c using (report_key)
where r.begin_at < coalesce($2::timestamptz, 'infinity') and coalesce(r.end_at, r.begin_at) >= coalesce($1::timestamptz, '-infinity')
group by 1
order by fail desc, messages desc, domain
limit 100;
