-- Findings by code, failures first, then by the number of messages.  $1 since, $2 until.
select f.stage, f.severity, f.code, count(distinct f.journey_id) as messages,
       round(count(distinct f.journey_id)::numeric / nullif((
           select count(*) from waybill.journey j
           where j.first_at >= coalesce($1::timestamptz, '-infinity')
             and j.first_at < coalesce($2::timestamptz, 'infinity')), 0), 6) as share,
       (array_agg(f.journey_id order by f.first_at, f.journey_id))[1] as example,
       (array_agg(f.detail order by f.first_at, f.journey_id, f.detail))[1] as detail
from waybill.finding f
left join waybill.stage_word s using (stage)
where f.first_at >= coalesce($1::timestamptz, '-infinity') and f.first_at < coalesce($2::timestamptz, 'infinity')
group by f.stage, s.ord, f.severity, f.code
order by array_position(array['failure', 'degradation', 'note'], f.severity), messages desc, s.ord, f.code;
