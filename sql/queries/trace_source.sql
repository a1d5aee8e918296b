-- What a source is known by, one row per path it was seen at.  $1 source id.
select s.source_id, s.path as last_path, s.head_length, encode(s.head_sha256, 'hex') as head_sha256, p.path
from waybill.source s
left join waybill.source_path p using (source_id)
where s.source_id = $1::bigint
order by (p.path = s.path) desc, p.path;
