-- When a path was read last, in microseconds since 1970.  $1: the path.
select (extract(epoch from max(s.ingested_at)) * 1000000)::bigint
from waybill.source_path p join waybill.source s using (source_id) where p.path = $1
