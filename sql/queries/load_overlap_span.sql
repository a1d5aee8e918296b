-- Whether another log source that may be of the same host has lines of these times.  $1: source_id, $2, $3: the times.
select 1
from waybill.source n
join waybill.source o on o.source_id <> n.source_id and o.lines > 0
 and o.first_at <= $3::timestamptz + interval '1 second' and o.last_at >= $2::timestamptz - interval '1 second'
 and (o.host is null or n.host is null or o.host = n.host)
where n.source_id = $1::bigint
limit 1
