-- The policy that reporters found published, by domain; more than one row where it changed or reporters differ.
-- $1 since, $2 until.  Beside it what DNS said last.
with seen as (
    select r.domain, r.p, r.sp, r.np, r.adkim, r.aspf, r.pct, r.testing, count(*) as reports,
           count(distinct coalesce(r.org_name, r.email)) as reporters, min(r.begin_at) as first_at, max(r.end_at) as last_at
    from (select *, waybill.report_at(begin_at, end_at) as at from waybill.dmarc_report) as r
    where coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity')
      and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity')
    group by r.domain, r.p, r.sp, r.np, r.adkim, r.aspf, r.pct, r.testing
), published as (
    select distinct on (name) name, btrim(rdata, '"') as record
    from waybill.dns_record
    where type = 'TXT' and name like E'\\_dmarc.%' and rdata ilike '%v=DMARC1%'
    order by name, last_seen desc, rdata
)
select s.domain, coalesce(s.p, 'not said') as p, s.sp, s.np, s.adkim, s.aspf, s.pct, s.testing, s.reports, s.first_at, s.last_at,
       s.reporters,
       case when count(*) over w = 1 then 'steady'
            when s.first_at > min(s.first_at) over w and s.last_at = max(s.last_at) over w then 'changed to this'
            when s.last_at < max(s.last_at) over w then 'until then' else 'beside another' end as change,
       d.record as published
from seen s
left join published d on d.name = '_dmarc.' || lower(s.domain)
window w as (partition by s.domain)
order by s.domain, s.first_at, s.last_at, p, s.sp, s.np, s.adkim, s.aspf, s.pct, s.testing
limit nullif(current_setting('waybill.rows', true), '')::bigint;
