-- Who sends, by service, organisation or network, and how it changed.  $1 since, $2 until.
with p as (
    select * from waybill.compared_periods($1::timestamptz, $2::timestamptz,
                                           (select max(waybill.report_at(begin_at, end_at)) from waybill.dmarc_report))
), sums as materialized (
    select c.source_ip, case when c.source_ip is null then coalesce(c.raw_source_ip, 'unreadable') end as raw, sum(c.count) as messages, coalesce(sum(c.count) filter (where (c.dkim = 'pass' or c.spf = 'pass')), 0) as pass, coalesce(sum(c.count) filter (where c.dkim = 'pass' and c.spf = 'pass'), 0) as "both", coalesce(sum(c.count) filter (where c.dkim = 'pass' and c.spf is distinct from 'pass'), 0) as dkim_only, coalesce(sum(c.count) filter (where c.dkim is distinct from 'pass' and c.spf = 'pass'), 0) as spf_only
    from (select *, coalesce(org_name, email, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.dmarc_report) as r
    join waybill.dmarc_record c using (report_key)
    where coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity')
      and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity')
    group by 1, 2
), before as (
    select waybill.sender_name(i.standing, i.title, i.org_domain, i.as_name, c.source_ip) as sender, coalesce(i.standing, 'unknown') as standing, sum(c.messages) as messages
    from (select c.source_ip, sum(c.count) as messages
          from p
          join (select *, coalesce(org_name, email, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.dmarc_report) as r on r.at >= p.before_at and r.at < p.since_at
          join waybill.dmarc_record c using (report_key)
          group by 1) as c
    left join waybill.source_identity i on i.ip = c.source_ip
    group by 1, 2
), now as (
    select waybill.sender_name(i.standing, i.title, i.org_domain, i.as_name, c.source_ip) as sender, coalesce(i.standing, 'unknown') as standing, min(i.kind) as kind, count(*) as addresses,
           sum(c.messages) as messages, sum(c.pass) as pass, sum(c.both) as "both", sum(c.dkim_only) as dkim_only, sum(c.spf_only) as spf_only
    from sums c
    left join waybill.source_identity i on i.ip = c.source_ip
    group by 1, 2
    order by sum(c.messages) desc, 1, 2
    limit 100
)
select n.sender, n.standing, n.kind, n.addresses, n.messages, n.pass, n.messages - n.pass as fail,
       round(n.pass / nullif(n.messages, 0), 6) as pass_share, n."both", n.dkim_only, n.spf_only,
       case when $1 is not null then coalesce(b.messages, 0) end as before
from now n
left join before b using (sender, standing)
order by n.messages desc, n.sender, n.standing;
