-- The policy that reporters found published, by domain; more than one row where it changed.  $1 since, $2 until.
select r.domain, coalesce(r.p, 'not said') as p, r.sp, r.np, r.adkim, r.aspf, r.pct, r.testing, count(*) as reports,
       min(r.begin_at) as first_at, max(r.end_at) as last_at
from waybill.dmarc_report r
where r.begin_at < coalesce($2::timestamptz, 'infinity') and coalesce(r.end_at, r.begin_at) >= coalesce($1::timestamptz, '-infinity')
group by r.domain, r.p, r.sp, r.np, r.adkim, r.aspf, r.pct, r.testing
order by r.domain, first_at, last_at, p, r.sp, r.np, r.adkim, r.aspf, r.pct, r.testing
limit 200;
