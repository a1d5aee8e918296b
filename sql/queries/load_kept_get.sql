-- What is kept of a stream, in its order.  $1: stream.
select k.position, encode(k.bytes, 'hex'), k.source_id, k.begins_at, s.format
from waybill.follow_kept k left join waybill.source s using (source_id)
where k.stream = $1
order by k.position
