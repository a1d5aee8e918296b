-- Each address and domain in this period and the one before, what names its sender, and whether it was never seen before.
-- As bigint, which sums up faster than numeric; no sum of one address goes beyond.
-- needs: dmarc_reports
with pairs as materialized (
    select c.source_ip, case when c.source_ip is null then coalesce(c.raw_source_ip, 'unreadable') end as raw,
           coalesce(c.header_from, r.domain) as header_from,
           least(coalesce(sum(c.count) filter (where r.phase = 2), 0), 9223372036854775807)::bigint as now,
           least(coalesce(sum(c.count) filter (where r.phase = 2 and c.dkim is distinct from 'pass' and c.spf is distinct from 'pass'), 0), 9223372036854775807)::bigint as now_fail,
           least(coalesce(sum(c.count) filter (where r.phase = 1), 0), 9223372036854775807)::bigint as before,
           least(coalesce(sum(c.count) filter (where r.phase = 1 and c.dkim is distinct from 'pass' and c.spf is distinct from 'pass'), 0), 9223372036854775807)::bigint as before_fail
    from dmarc_reports r
    join waybill.dmarc_record c using (report_key)
    where r.phase in (1, 2)
    group by 1, 2, 3
), known_before as (
    select distinct f.source_ip, f.header_from
    from pairs f
    join waybill.dmarc_record c on c.source_ip = f.source_ip
    join dmarc_reports r on r.report_key = c.report_key and r.phase = 0
    where f.now > 0 and f.before = 0 and coalesce(c.header_from, r.domain) = f.header_from
), any_before as (
    select exists (select from dmarc_reports where phase < 2) as is
)
select s.source_ip, s.raw, s.header_from, s.now as messages, s.now_fail as fail, s.before as messages_before,
       s.before_fail as fail_before, i.standing, i.title, i.org_domain, i.as_name,
       waybill.sender_network(i.title, i.org_domain, i.as_name, s.source_ip) as network,
       s.now > 0 and s.before = 0 and a.is and e.header_from is null as is_new
from pairs s
left join waybill.source_identity i on i.ip = s.source_ip
left join known_before e on e.source_ip = s.source_ip and e.header_from = s.header_from, any_before a
