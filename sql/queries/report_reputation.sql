-- What receivers say of our domains and addresses, beside what we saw of the deliveries from there.
-- $1 since, $2 until.
with r as materialized (
    select * from waybill.reputation
    where begin_at >= coalesce($1::timestamptz, '-infinity') and begin_at < coalesce($2::timestamptz, 'infinity')
), said as (
    select provider, subject, ip, count(distinct (begin_at at time zone 'UTC')::date) as days,
           string_agg(distinct reputation, ', ') as words,
           (array_agg(reputation order by begin_at desc, end_at desc, reputation) filter (where reputation is not null))[1] as latest,
           max(spam_rate) as spam_rate, min(spf_rate) as spf_rate, min(dkim_rate) as dkim_rate,
           min(dmarc_rate) as dmarc_rate, min(tls_in_rate) as tls_rate, sum(trap_hits) as trap_hits
    from r group by provider, subject, ip
), by_domain as (
    select lower(rtrim(split_part(coalesce(j.header_from, j.mail_from), '@', 2), '> ')) as subject, count(*) as n,
           count(*) filter (where d.class in ('failed', 'vanished', 'misplaced')) as failed
    from waybill.delivery_end d join waybill.journey j using (journey_id)
    where exists (select from r where ip is null)
      and d.first_at >= coalesce($1::timestamptz, '-infinity') and d.first_at < coalesce($2::timestamptz, 'infinity')
    group by 1
), senders as (
    select distinct h.journey_id, h.client_ip as ip
    from waybill.hop h
    where h.client_ip in (select ip from r where ip is not null)
      and h.first_at >= coalesce($1::timestamptz, '-infinity') and h.first_at < coalesce($2::timestamptz, 'infinity')
), by_ip as (
    select s.ip, count(*) as n, count(*) filter (where d.class in ('failed', 'vanished', 'misplaced')) as failed
    from waybill.delivery_end d join senders s using (journey_id)
    where d.first_at >= coalesce($1::timestamptz, '-infinity') and d.first_at < coalesce($2::timestamptz, 'infinity')
    group by s.ip
)
select s.provider, s.subject, s.days, s.latest, s.words, s.spam_rate, s.spf_rate, s.dkim_rate, s.dmarc_rate, s.tls_rate,
       s.trap_hits, coalesce(i.n, m.n, 0) as deliveries,
       round(coalesce(i.failed, m.failed)::numeric / nullif(coalesce(i.n, m.n), 0), 6) as failed_share
from said s
left join by_domain m on s.ip is null and m.subject = s.subject
left join by_ip i on i.ip = s.ip
order by s.provider, s.ip is not null, s.spam_rate desc nulls last, s.subject;
