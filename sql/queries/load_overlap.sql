-- The log sources of this batch (those with lines) whose times overlap another log source's that may be of
-- the same host.  $1: load_id
select distinct n.source_id
from stage_source n
join waybill.source o
  on o.source_id <> n.source_id and o.lines > 0
 and o.first_at <= n.last_at + interval '1 second' and n.first_at <= o.last_at + interval '1 second'
 and (o.host is null or n.host is null or o.host = n.host)
where n.load_id = $1::bigint and n.lines > 0
