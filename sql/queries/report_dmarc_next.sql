-- What the next stricter policy would hit: messages that fail, by domain and sender.
-- The policy is the last that reporters found; a subdomain has sp where that was said.  With pct below 100 (RFC 7489)
-- or t=y (RFC 9989) the next step is to apply in full what is published.
-- needs: dmarc_reports dmarc_tallies
with policy as (
    select distinct on (t.domain) t.domain, coalesce(nullif(r.p, ''), 'none') as p, coalesce(r.sp, r.p, 'none') as sp,
           coalesce(r.pct, 100) as pct, coalesce(r.testing = 'y', false) as testing
    from dmarc_reports t
    join waybill.dmarc_report r using (report_key)
    where t.chosen
    order by t.domain, t.at desc nulls last, t.report_key
), sums as materialized (
    select c.source_ip, case when c.source_ip is null then coalesce(c.raw_source_ip, 'unreadable') end as raw,
           coalesce(c.header_from, t.domain) as domain, t.domain as policy_domain, sum(c.count) as fail
    from dmarc_reports t
    join waybill.dmarc_record c using (report_key)
    where t.chosen and c.dkim is distinct from 'pass' and c.spf is distinct from 'pass'
    group by 1, 2, 3, 4
), whole as (
    select domain, policy_domain, sum(messages) as messages
    from dmarc_tallies
    where chosen
    group by 1, 2
), effective as (
    select s.*, case when s.domain = s.policy_domain then p.p else p.sp end as p, p.pct, p.testing
    from sums s
    join policy p on coalesce(p.domain, '') = coalesce(s.policy_domain, '')
), steps as (
    select *, p || case when p <> 'none' and pct < 100 then ' pct=' || pct else '' end || case when p <> 'none' and testing then ' t=y' else '' end as policy,
           case when p <> 'none' and (pct < 100 or testing) then p
                when p = 'none' then 'quarantine' when p = 'quarantine' then 'reject' end as next_policy
    from effective
)
select c.domain, c.policy, coalesce(c.next_policy, 'none stricter') as next_policy, waybill.sender_name(i.standing, i.title, i.org_domain, i.as_name, c.source_ip) as sender,
       coalesce(i.standing, 'unknown') as standing, count(*) as addresses, sum(c.fail) as hit, round(sum(c.fail) / nullif(w.messages, 0), 6) as hit_share,
       case coalesce(i.standing, 'unknown')
           when 'own' then 'yours: give it SPF or DKIM in alignment'
           when 'known' then 'a service: if it sends for you, let it sign with your domain; else it is abuse of the service'
           when 'forwarder' then 'passes mail on: SPF cannot survive that, DKIM can; sign everything'
           else 'unknown: either forgotten, or what the policy is for' end as advice
from steps c
join whole w on coalesce(w.domain, '') = coalesce(c.domain, '') and coalesce(w.policy_domain, '') = coalesce(c.policy_domain, '')
left join waybill.source_identity i on i.ip = c.source_ip
group by c.domain, c.policy, c.next_policy, 4, 5, c.policy_domain, w.messages
order by hit desc, c.domain, c.policy, sender, standing
limit nullif(current_setting('waybill.rows', true), '')::bigint;
