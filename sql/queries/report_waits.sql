-- Where sending hosts spent the time, by next host: the parts of the delay that the log gave (95th percentile).
-- $1 since, $2 until.
select host, coalesce(relay_host, 'none') as relay_host, count(*) as attempts,
       count(*) filter (where result = 'deferred') as deferred,
       round(percentile_cont(0.95) within group (order by delay_parts[1])::numeric, 3) as before_queue,
       round(percentile_cont(0.95) within group (order by delay_parts[2])::numeric, 3) as in_queue,
       round(percentile_cont(0.95) within group (order by delay_parts[3])::numeric, 3) as connecting,
       round(percentile_cont(0.95) within group (order by delay_parts[4])::numeric, 3) as sending,
       round(percentile_cont(0.95) within group (order by delay_s)::numeric, 3) as total
from waybill.attempt
where at >= coalesce($1::timestamptz, '-infinity') and at < coalesce($2::timestamptz, 'infinity')
  and delay_s is not null
  -- keeps the search for hops out of most weeks: nobody tries for longer
  and first_at >= coalesce($1::timestamptz - interval '31 days', '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
group by host, coalesce(relay_host, 'none')
order by total desc, attempts desc, host, relay_host;
