-- Each address and domain in this period and the one before, who it is, and whether it was never seen before.
-- needs: dmarc_reports dmarc_traffic
with known_before as (
    select distinct f.source_ip, f.header_from
    from dmarc_traffic f
    join waybill.dmarc_record c on c.source_ip = f.source_ip
    join dmarc_reports r on r.report_key = c.report_key and r.phase = 0
    where f.now > 0 and f.before = 0 and coalesce(c.header_from, r.domain) = f.header_from
), any_before as (
    select exists (select from dmarc_reports where phase < 2) as is
)
select s.source_ip, s.raw, s.header_from, s.now as messages, s.now_fail as fail, s.before as messages_before,
       s.before_fail as fail_before, coalesce(i.standing, 'unknown') as standing,
       waybill.sender_name(i.standing, i.title, i.org_domain, i.as_name, s.source_ip) as sender,
       s.now > 0 and s.before = 0 and a.is and e.header_from is null as is_new
from dmarc_traffic s
left join waybill.source_identity i on i.ip = s.source_ip
left join known_before e on e.source_ip = s.source_ip and e.header_from = s.header_from, any_before a
where s.compared
