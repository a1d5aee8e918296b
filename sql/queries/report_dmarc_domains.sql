-- DMARC by domain, worst first.  $1 since, $2 until.  First by report, so that reports and reporters need no sorting.
with c as (
    select r.reporter, r.report_key, coalesce(c.header_from, r.domain) as domain, sum(c.count) as messages, coalesce(sum(c.count) filter (where (c.dkim = 'pass' or c.spf = 'pass')), 0) as pass,
           coalesce(sum(c.count) filter (where c.dkim = 'pass' and c.spf = 'pass'), 0) as "both", coalesce(sum(c.count) filter (where c.dkim = 'pass' and c.spf is distinct from 'pass'), 0) as dkim_only, coalesce(sum(c.count) filter (where c.dkim is distinct from 'pass' and c.spf = 'pass'), 0) as spf_only,
           coalesce(sum(c.count) filter (where c.disposition = 'quarantine'), 0) as quarantined, coalesce(sum(c.count) filter (where c.disposition = 'reject'), 0) as rejected
    from (select *, coalesce(org_name, email, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.dmarc_report) as r
    join waybill.dmarc_record c using (report_key)
    where coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity')
      and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity')
    group by 1, 2, 3
)
select domain, count(*) as reports, count(distinct reporter) as reporters, sum(messages) as messages, sum(pass) as pass,
       sum(messages) - sum(pass) as fail, round(sum(pass) / nullif(sum(messages), 0), 6) as pass_share, sum("both") as "both",
       sum(dkim_only) as dkim_only, sum(spf_only) as spf_only, sum(quarantined) as quarantined, sum(rejected) as rejected
from c
group by 1
order by fail desc, messages desc, domain
limit 100;
