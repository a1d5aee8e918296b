-- Messages by address, domain and published policy's domain, of the reports that are chosen or compared, each phase
-- apart: what several sections sum up differently.
-- needs: dmarc_reports
select c.source_ip, case when c.source_ip is null then coalesce(c.raw_source_ip, 'unreadable') end as raw,
       coalesce(c.header_from, r.domain) as header_from, r.domain as policy_domain, r.chosen, r.phase,
       sum(c.count) as messages,
       coalesce(sum(c.count) filter (where c.dkim = 'pass' and c.spf = 'pass'), 0) as "both",
       coalesce(sum(c.count) filter (where c.dkim = 'pass' and c.spf is distinct from 'pass'), 0) as dkim_only,
       coalesce(sum(c.count) filter (where c.dkim is distinct from 'pass' and c.spf = 'pass'), 0) as spf_only,
       coalesce(sum(c.count) filter (where c.dkim is distinct from 'pass' and c.spf is distinct from 'pass'), 0) as fail,
       bool_or(c.dkim is distinct from 'pass' and c.spf is distinct from 'pass') as failing,
       coalesce(sum(c.count) filter (where c.disposition = 'quarantine'), 0) as quarantined,
       coalesce(sum(c.count) filter (where c.disposition = 'reject'), 0) as rejected
from dmarc_reports r
join waybill.dmarc_record c using (report_key)
where r.chosen or r.phase in (1, 2)
group by 1, 2, 3, 4, 5, 6
