-- DMARC by the day (UTC) on which the report's period begins.  $1 since, $2 until.
select (r.begin_at at time zone 'UTC')::date as day, count(distinct r.report_key) as reports, sum(c.count) as messages,
       coalesce(sum(c.count) filter (where c.dkim = 'pass' or c.spf = 'pass'), 0) as pass,
       coalesce(sum(c.count) filter (where c.dkim is distinct from 'pass' and c.spf is distinct from 'pass'), 0) as fail,
       round(coalesce(sum(c.count) filter (where c.dkim = 'pass' or c.spf = 'pass'), 0) / nullif(sum(c.count), 0), 6)
           as pass_share
from waybill.dmarc_report r
join waybill.dmarc_record c using (report_key)
where r.begin_at < coalesce($2::timestamptz, 'infinity') and coalesce(r.end_at, r.begin_at) >= coalesce($1::timestamptz, '-infinity')
group by 1
order by 1;
