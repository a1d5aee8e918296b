-- Why a receiver did other than the policy asked.  $1 since, $2 until.
select coalesce(c.header_from, r.domain) as domain, c.disposition, sum(c.count) as messages,
       count(distinct r.org_name) as reporters, c.reasons
from waybill.dmarc_report r
join waybill.dmarc_record c using (report_key)
where c.reasons <> '' and c.reasons <> '[]'
  and r.begin_at < coalesce($2::timestamptz, 'infinity') and coalesce(r.end_at, r.begin_at) >= coalesce($1::timestamptz, '-infinity')
group by 1, c.disposition, c.reasons
order by messages desc, domain, c.disposition, c.reasons
limit 50;
