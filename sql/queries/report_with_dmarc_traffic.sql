-- Messages by address and domain: of the chosen reports by alignment, and of the two periods that are compared.
-- As bigint, which sums up faster than numeric; no sum of one address goes beyond.
-- needs: dmarc_reports
select c.source_ip, case when c.source_ip is null then coalesce(c.raw_source_ip, 'unreadable') end as raw,
       coalesce(c.header_from, r.domain) as header_from, bool_or(r.chosen) as chosen,
       least(coalesce(sum(c.count) filter (where r.chosen and c.dkim = 'pass' and c.spf = 'pass'), 0), 9223372036854775807)::bigint as "both",
       least(coalesce(sum(c.count) filter (where r.chosen and c.dkim = 'pass' and c.spf is distinct from 'pass'), 0), 9223372036854775807)::bigint as dkim_only,
       least(coalesce(sum(c.count) filter (where r.chosen and c.dkim is distinct from 'pass' and c.spf = 'pass'), 0), 9223372036854775807)::bigint as spf_only,
       least(coalesce(sum(c.count) filter (where r.chosen and c.dkim is distinct from 'pass' and c.spf is distinct from 'pass'), 0), 9223372036854775807)::bigint as fail,
       bool_or(r.phase in (1, 2)) as compared,
       least(coalesce(sum(c.count) filter (where r.phase = 2), 0), 9223372036854775807)::bigint as now,
       least(coalesce(sum(c.count) filter (where r.phase = 2 and c.dkim is distinct from 'pass' and c.spf is distinct from 'pass'), 0), 9223372036854775807)::bigint as now_fail,
       least(coalesce(sum(c.count) filter (where r.phase = 1), 0), 9223372036854775807)::bigint as before,
       least(coalesce(sum(c.count) filter (where r.phase = 1 and c.dkim is distinct from 'pass' and c.spf is distinct from 'pass'), 0), 9223372036854775807)::bigint as before_fail
from dmarc_reports r
join waybill.dmarc_record c using (report_key)
where r.chosen or r.phase in (1, 2)
group by 1, 2, 3
