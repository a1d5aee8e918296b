-- What readers did, as providers tell: opens and clicks, complaints, unsubscribes.  $1 since, $2 until.
select coalesce(e.host, 'unknown') as host, e.type, count(*) as events, count(distinct coalesce(e.journey_id::text, e.message_id, e.queue_id)) as messages,
       count(distinct lower(e.recipient)) as recipients,
       count(*) filter (where e.prefetch) as prefetched,
       round((count(*) filter (where e.prefetch))::numeric / count(*), 6) as prefetched_share,
       min(e.at) as first_at, max(e.at) as last_at,
       (array_agg(e.journey_id order by e.prefetch, e.at desc, e.journey_id) filter (where e.journey_id is not null))[1] as example
from waybill.engagement e
where e.at >= coalesce($1::timestamptz, '-infinity') and e.at < coalesce($2::timestamptz, 'infinity')
group by coalesce(e.host, 'unknown'), e.type
order by host, events desc, e.type;
