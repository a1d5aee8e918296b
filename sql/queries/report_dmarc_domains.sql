-- DMARC by domain, worst first.  $1 since, $2 until.
select t.header_from as domain, count(distinct t.report_key) as reports, count(distinct t.reporter) as reporters, sum(t.count) as messages,
       coalesce(sum(t.count) filter (where t.passed), 0) as pass,
       coalesce(sum(t.count) filter (where not t.passed), 0) as fail,
       round(coalesce(sum(t.count) filter (where t.passed), 0) / nullif(sum(t.count), 0), 6) as pass_share,
       coalesce(sum(t.count) filter (where t.aligned_by = 'both'), 0) as both,
       coalesce(sum(t.count) filter (where t.aligned_by = 'dkim'), 0) as dkim_only,
       coalesce(sum(t.count) filter (where t.aligned_by = 'spf'), 0) as spf_only,
       coalesce(sum(t.count) filter (where t.disposition = 'quarantine'), 0) as quarantined,
       coalesce(sum(t.count) filter (where t.disposition = 'reject'), 0) as rejected
from waybill.dmarc_traffic t
where (coalesce(t.at, '-infinity') >= coalesce($1::timestamptz, '-infinity') and coalesce(t.at, '-infinity') < coalesce($2::timestamptz, 'infinity'))
group by 1
order by fail desc, messages desc, domain
limit 100;
