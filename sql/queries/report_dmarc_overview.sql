-- The period at a glance, beside the one before.  $1 since, $2 until.
with p as (
    select * from waybill.compared_periods($1::timestamptz, $2::timestamptz,
                                           (select max(waybill.report_at(begin_at, end_at)) from waybill.dmarc_report))
), reports as materialized (
    select r.report_key, r.reporter, r.domain from (select *, coalesce(org_name, email, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.dmarc_report) as r
    where coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity')
      and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity')
), addresses as materialized (
    select c.source_ip, case when c.source_ip is null then coalesce(c.raw_source_ip, 'unreadable') end as raw,
           sum(c.count) as messages, coalesce(sum(c.count) filter (where (c.dkim = 'pass' or c.spf = 'pass')), 0) as pass
    from reports r
    join waybill.dmarc_record c using (report_key)
    group by 1, 2
), sums as materialized (
    select coalesce(c.header_from, r.domain) as domain,
           sum(c.count) as messages, coalesce(sum(c.count) filter (where (c.dkim = 'pass' or c.spf = 'pass')), 0) as pass, coalesce(sum(c.count) filter (where c.dkim = 'pass' and c.spf = 'pass'), 0) as "both", coalesce(sum(c.count) filter (where c.dkim = 'pass' and c.spf is distinct from 'pass'), 0) as dkim_only, coalesce(sum(c.count) filter (where c.dkim is distinct from 'pass' and c.spf = 'pass'), 0) as spf_only,
           coalesce(sum(c.count) filter (where c.disposition in ('quarantine', 'reject')), 0) as acted_on
    from reports r
    join waybill.dmarc_record c using (report_key)
    group by 1
), named as (
    select waybill.sender_name(i.standing, i.title, i.org_domain, i.as_name, c.source_ip) as sender, count(*) as addresses,
           sum(c.messages - c.pass) filter (where i.standing = 'own') as own_fail,
           sum(c.messages - c.pass) filter (where coalesce(i.standing, 'unknown') = 'unknown') as unknown_fail
    from addresses c
    left join waybill.source_identity i on i.ip = c.source_ip
    group by 1
), before as (
    select coalesce(sum(c.count), 0) as messages, sum(c.count) filter (where (c.dkim = 'pass' or c.spf = 'pass')) as pass
    from p
    join (select *, coalesce(org_name, email, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.dmarc_report) as r on r.at >= p.before_at and r.at < p.since_at
    join waybill.dmarc_record c using (report_key)
), whole as (
    select coalesce(sum(messages), 0) as messages, coalesce(sum(pass), 0) as pass, coalesce(sum("both"), 0) as "both",
           coalesce(sum(dkim_only), 0) as dkim_only, coalesce(sum(spf_only), 0) as spf_only, coalesce(sum(acted_on), 0) as acted_on,
           count(domain) as domains
    from sums
)
select (select count(*) from reports) as reports, (select count(distinct reporter) from reports) as reporters, n.domains,
       (select count(*) from named) as senders, (select coalesce(sum(addresses), 0) from named) as addresses, n.messages,
       round(n.pass / nullif(n.messages, 0), 6) as pass_share, n."both", n.dkim_only, n.spf_only, n.messages - n.pass as fail,
       (select coalesce(sum(own_fail), 0) from named) as own_fail, (select coalesce(sum(unknown_fail), 0) from named) as unknown_fail, n.acted_on,
       case when $1 is not null then b.messages end as messages_before,
       case when $1 is not null then round(coalesce(b.pass, 0) / nullif(b.messages, 0), 6) end as pass_share_before
from whole n, before b
where exists (select from reports) or b.messages > 0;
