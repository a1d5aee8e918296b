-- What was refused before it got a queue id, worst first; what was taken and thrown away or held is no refusal.
-- $1 since, $2 until.
select host, coalesce(stage, 'unknown') as stage, coalesce(reason, 'undefined') as reason, count(*) as refusals,
       round(count(*)::numeric / sum(count(*)) over (), 6) as share,
       count(distinct client_ip) as clients, min(at) as first_at, max(at) as last_at,
       mode() within group (order by coalesce(reply, '')) as reply
from waybill.refusal
where at >= coalesce($1::timestamptz, '-infinity') and at < coalesce($2::timestamptz, 'infinity')
  and coalesce(action, '') !~ 'discard|hold'
group by host, coalesce(stage, 'unknown'), coalesce(reason, 'undefined')
order by refusals desc, host, stage, reason;
