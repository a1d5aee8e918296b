-- Who sends, by service, organisation or network, and how it changed.  $1 since, $2 until.
with p as (
    select * from waybill.compared_periods($1::timestamptz, $2::timestamptz,
                                           (select max(waybill.report_at(begin_at, end_at)) from waybill.dmarc_report))
), before as (
    select t.sender, t.standing, sum(t.count) as messages
    from waybill.dmarc_traffic t, p
    where t.at >= p.before_at and t.at < p.since_at
    group by 1, 2
), now as (
    select t.sender, t.standing, min(t.kind) as kind, count(distinct t.source) as addresses,
           sum(t.count) as messages, coalesce(sum(t.count) filter (where t.passed), 0) as pass,
           coalesce(sum(t.count) filter (where not t.passed), 0) as fail,
           round(coalesce(sum(t.count) filter (where t.passed), 0) / nullif(sum(t.count), 0), 6) as pass_share,
           coalesce(sum(t.count) filter (where t.aligned_by = 'both'), 0) as both,
           coalesce(sum(t.count) filter (where t.aligned_by = 'dkim'), 0) as dkim_only,
           coalesce(sum(t.count) filter (where t.aligned_by = 'spf'), 0) as spf_only,
           count(distinct t.header_from) as domains, count(distinct t.reporter) as reporters
    from waybill.dmarc_traffic t
    where (coalesce(t.at, '-infinity') >= coalesce($1::timestamptz, '-infinity') and coalesce(t.at, '-infinity') < coalesce($2::timestamptz, 'infinity'))
    group by 1, 2
    order by sum(t.count) desc, 1, 2
    limit 100
)
select n.sender, n.standing, n.kind, n.addresses, n.messages, n.pass, n.fail, n.pass_share, n.both, n.dkim_only, n.spf_only,
       n.domains, n.reporters, case when $1 is not null then coalesce(b.messages, 0) end as before
from now n
left join before b using (sender, standing)
order by n.messages desc, n.sender, n.standing;
