-- Messages by report and domain, of the reports that are chosen or come before.
-- needs: dmarc_reports
with c as materialized (
    select c.report_key, c.header_from, sum(c.count) as messages,
           coalesce(sum(c.count) filter (where c.dkim = 'pass' and c.spf = 'pass'), 0) as "both",
           coalesce(sum(c.count) filter (where c.dkim = 'pass' and c.spf is distinct from 'pass'), 0) as dkim_only,
           coalesce(sum(c.count) filter (where c.dkim is distinct from 'pass' and c.spf = 'pass'), 0) as spf_only,
           coalesce(sum(c.count) filter (where c.disposition = 'quarantine'), 0) as quarantined,
           coalesce(sum(c.count) filter (where c.disposition = 'reject'), 0) as rejected
    from waybill.dmarc_record c
    where c.report_key in (select report_key from dmarc_reports where chosen or phase = 1)
    group by 1, 2
)
select r.report_key, r.reporter, r.at, r.chosen, r.phase, r.domain as policy_domain, coalesce(c.header_from, r.domain) as domain,
       sum(c.messages) as messages, sum(c."both" + c.dkim_only + c.spf_only) as pass, sum(c."both") as "both",
       sum(c.dkim_only) as dkim_only, sum(c.spf_only) as spf_only, sum(c.quarantined) as quarantined, sum(c.rejected) as rejected
from c
join dmarc_reports r using (report_key)
group by 1, 2, 3, 4, 5, 6, 7
