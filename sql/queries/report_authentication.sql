-- Authentication as each side saw it: our own evaluation beside the words of other hosts.  $1 since, $2 until.
select a.method, a.said_by, count(*) as results,
       count(*) filter (where a.result = 'pass') as pass,
       count(*) filter (where a.result in ('fail', 'permerror', 'policy')) as fail,
       count(*) filter (where a.result in ('softfail', 'neutral', 'temperror')) as weak,
       count(*) filter (where a.result = 'none') as none,
       round(count(*) filter (where a.result = 'pass')::numeric / count(*), 6) as pass_share,
       case when count(a.aligned) > 0 then count(*) filter (where a.aligned) end as aligned
from waybill.auth_result a
join waybill.journey j using (journey_id)
where j.first_at >= coalesce($1::timestamptz, '-infinity') and j.first_at < coalesce($2::timestamptz, 'infinity')
group by a.method, a.said_by
order by array_position(array['spf', 'dkim', 'dmarc', 'arc'], a.method), a.method,
         (a.said_by = 'waybill') desc, results desc, a.said_by;
