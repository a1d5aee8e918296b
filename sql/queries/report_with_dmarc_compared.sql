-- The same, with who it is and whether it was never seen before.
-- needs: dmarc_reports dmarc_sums
with fresh as materialized (
    select source_ip, header_from from dmarc_sums where messages > 0 and messages_before = 0 and source_ip is not null
), known_before as (
    select distinct f.source_ip, f.header_from
    from fresh f
    join waybill.dmarc_record c on c.source_ip = f.source_ip
    join dmarc_reports r on r.report_key = c.report_key and r.phase = 0
    where coalesce(c.header_from, r.domain) = f.header_from
), any_before as (
    select exists (select from dmarc_reports where phase < 2) as is
)
select coalesce(host(s.source_ip), s.raw) as source, s.header_from, s.messages, s.fail, s.messages_before, s.fail_before,
       coalesce(i.standing, 'unknown') as standing,
       waybill.sender_name(i.standing, i.title, i.org_domain, i.as_name, s.source_ip) as sender,
       s.messages > 0 and s.messages_before = 0 and a.is and e.header_from is null as is_new
from dmarc_sums s
left join waybill.source_identity i on i.ip = s.source_ip
left join known_before e on e.source_ip = s.source_ip and e.header_from = s.header_from, any_before a
