-- What filters, authentication checks and delivery agents said, by host and engine.  $1 since, $2 until.
select host, engine, kind, coalesce(nullif(concat_ws(' ', method, coalesce(action, result)), ''), 'undefined') as said,
       count(*) as verdicts, count(distinct j.journey_id) as messages, count(*) filter (where j.decides) as decided,
       round(avg(score::numeric), 1) as score, min(j.journey_id) filter (where j.decides or j.journey_id is not null) as example
from waybill.verdict_log v
left join waybill.journey_verdict j using (verdict_id)
where v.at >= coalesce($1::timestamptz, '-infinity') and v.at < coalesce($2::timestamptz, 'infinity')
  and v.kind <> 'engagement' and not (v.kind = 'auth' and coalesce(v.action, v.result) is null)
group by host, engine, kind, coalesce(nullif(concat_ws(' ', method, coalesce(action, result)), ''), 'undefined')
order by host, kind, engine, verdicts desc, said;
