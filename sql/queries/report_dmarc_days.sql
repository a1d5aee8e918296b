-- DMARC by day (UTC): that of the middle of the report's period.  $1 since, $2 until.
select (t.at at time zone 'UTC')::date as day, count(distinct t.report_key) as reports, sum(t.count) as messages,
       coalesce(sum(t.count) filter (where t.passed), 0) as pass,
       coalesce(sum(t.count) filter (where not t.passed), 0) as fail,
       round(coalesce(sum(t.count) filter (where t.passed), 0) / nullif(sum(t.count), 0), 6) as pass_share
from waybill.dmarc_traffic t
where (coalesce(t.at, '-infinity') >= coalesce($1::timestamptz, '-infinity') and coalesce(t.at, '-infinity') < coalesce($2::timestamptz, 'infinity'))
group by 1
order by 1;
