-- The period at a glance, beside the one before.  $1 since, $2 until.
with p as (
    select * from waybill.compared_periods($1::timestamptz, $2::timestamptz,
                                           (select max(waybill.report_at(begin_at, end_at)) from waybill.dmarc_report))
), now as (
    select count(distinct t.report_key) as reports, count(distinct t.reporter) as reporters, count(distinct t.header_from) as domains,
           count(distinct t.source) as addresses, count(distinct t.sender) as senders,
           coalesce(sum(t.count), 0) as messages, sum(t.count) filter (where t.passed) as pass,
           coalesce(sum(t.count) filter (where t.aligned_by = 'both'), 0) as both,
           coalesce(sum(t.count) filter (where t.aligned_by = 'dkim'), 0) as dkim_only,
           coalesce(sum(t.count) filter (where t.aligned_by = 'spf'), 0) as spf_only,
           coalesce(sum(t.count) filter (where not t.passed), 0) as fail,
           coalesce(sum(t.count) filter (where t.standing = 'unknown' and not t.passed), 0) as unknown_fail,
           coalesce(sum(t.count) filter (where t.standing = 'own' and not t.passed), 0) as own_fail,
           coalesce(sum(t.count) filter (where t.disposition in ('quarantine', 'reject')), 0) as acted_on
    from waybill.dmarc_traffic t
    where (coalesce(t.at, '-infinity') >= coalesce($1::timestamptz, '-infinity') and coalesce(t.at, '-infinity') < coalesce($2::timestamptz, 'infinity'))
), before as (
    select coalesce(sum(t.count), 0) as messages, sum(t.count) filter (where t.passed) as pass
    from waybill.dmarc_traffic t, p
    where t.at >= p.before_at and t.at < p.since_at
)
select n.reports, n.reporters, n.domains, n.senders, n.addresses, n.messages,
       round(coalesce(n.pass, 0) / nullif(n.messages, 0), 6) as pass_share, n.both, n.dkim_only, n.spf_only, n.fail, n.own_fail,
       n.unknown_fail, n.acted_on,
       case when $1 is not null then b.messages end as messages_before,
       case when $1 is not null then round(coalesce(b.pass, 0) / nullif(b.messages, 0), 6) end as pass_share_before
from now n, before b
where n.reports > 0 or b.messages > 0;
