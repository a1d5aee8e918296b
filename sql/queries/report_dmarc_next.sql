-- What the next stricter policy would hit: messages that fail, by domain and sender.  $1 since, $2 until.
-- The policy is the last that reporters found; a subdomain has sp where that was said.  With pct below 100 (RFC 7489)
-- or t=y (RFC 9989) the next step is to apply in full what is published.
with policy as (
    select distinct on (r.domain) r.domain,
           coalesce(nullif(r.p, ''), 'none') as p, coalesce(r.sp, r.p, 'none') as sp, coalesce(r.pct, 100) as pct,
           coalesce(r.testing = 'y', false) as testing
    from (select *, waybill.report_at(begin_at, end_at) as at from waybill.dmarc_report) as r
    where coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity')
      and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity')
    order by r.domain, r.at desc nulls last, r.report_key
), effective as (
    select t.header_from as domain, t.sender, t.standing,
           case when t.header_from = t.policy_domain then p.p else p.sp end as p, p.pct, p.testing,
           t.count, t.passed, t.source
    from waybill.dmarc_traffic t
    join policy p on p.domain is not distinct from t.policy_domain
    where (coalesce(t.at, '-infinity') >= coalesce($1::timestamptz, '-infinity') and coalesce(t.at, '-infinity') < coalesce($2::timestamptz, 'infinity'))
), steps as (
    select *, p || case when p <> 'none' and pct < 100 then ' pct=' || pct else '' end || case when testing then ' t=y' else '' end as policy,
           case when p <> 'none' and (pct < 100 or testing) then p
                when p = 'none' then 'quarantine' when p = 'quarantine' then 'reject' end as next_policy
    from effective
), totals as (
    select domain, policy, next_policy, sum(count) as messages from steps group by 1, 2, 3
)
select s.domain, s.policy, coalesce(s.next_policy, 'none stricter') as next_policy, s.sender, s.standing,
       count(distinct s.source) as addresses, sum(s.count) as hit, round(sum(s.count) / nullif(t.messages, 0), 6) as hit_share,
       case s.standing
           when 'own' then 'yours: give it SPF or DKIM in alignment before the next step'
           when 'known' then 'a service: if it sends for you, let it sign with your domain; else it is abuse of the service'
           when 'forwarder' then 'passes mail on: SPF cannot survive, DKIM can; sign everything'
           else 'unknown: either forgotten, or what the policy is for' end as advice
from steps s
join totals t using (domain, policy)
where not s.passed and t.next_policy is not distinct from s.next_policy
group by s.domain, s.policy, s.next_policy, s.sender, s.standing, t.messages
order by hit desc, s.domain, s.policy, s.sender, s.standing
limit 100;
