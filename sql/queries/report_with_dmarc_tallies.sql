-- Messages by report and domain, of the reports that are chosen or come before.
-- needs: dmarc_reports
select c.report_key, r.reporter, r.at, r.chosen, r.phase, coalesce(c.header_from, r.domain) as domain,
       sum(c.count) as messages, coalesce(sum(c.count) filter (where c.dkim = 'pass' or c.spf = 'pass'), 0) as pass,
       coalesce(sum(c.count) filter (where c.dkim = 'pass' and c.spf = 'pass'), 0) as "both",
       coalesce(sum(c.count) filter (where c.dkim = 'pass' and c.spf is distinct from 'pass'), 0) as dkim_only,
       coalesce(sum(c.count) filter (where c.dkim is distinct from 'pass' and c.spf = 'pass'), 0) as spf_only,
       coalesce(sum(c.count) filter (where c.disposition = 'quarantine'), 0) as quarantined,
       coalesce(sum(c.count) filter (where c.disposition = 'reject'), 0) as rejected
from dmarc_reports r
join waybill.dmarc_record c using (report_key)
where r.chosen or r.phase = 1
group by 1, 2, 3, 4, 5, 6
