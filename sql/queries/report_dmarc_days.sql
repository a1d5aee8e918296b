-- DMARC by day (UTC): that of the middle of the report's period.  $1 since, $2 until.
with c as (
    select r.report_key, (r.at at time zone 'UTC')::date as day, sum(c.count) as messages, coalesce(sum(c.count) filter (where (c.dkim = 'pass' or c.spf = 'pass')), 0) as pass
    from (select *, coalesce(org_name, email, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.dmarc_report) as r
    join waybill.dmarc_record c using (report_key)
    where coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity')
      and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity')
    group by 1, 2
)
select day, count(*) as reports, sum(messages) as messages, sum(pass) as pass, sum(messages) - sum(pass) as fail,
       round(sum(pass) / nullif(sum(messages), 0), 6) as pass_share
from c
group by 1
order by 1;
