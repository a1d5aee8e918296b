-- The next pair of pieces: the end of one source and the beginning of the source that follows it in time.
select t.source_id, t.byte_offset, t.bytes, h.source_id, h.bytes, coalesce(ts.host, ''), ts.format
from waybill.fragment t
join waybill.source ts on ts.source_id = t.source_id
join waybill.fragment h on h.is_head and not h.joined and h.source_id <> t.source_id
join waybill.source hs on hs.source_id = h.source_id
where not t.is_head and not t.joined and hs.host is not distinct from ts.host
  and (hs.first_at is null or t.edge_at is null or hs.first_at >= t.edge_at - interval '1 second')
order by abs(extract(epoch from coalesce(hs.first_at, t.edge_at) - t.edge_at)) nulls last, t.source_id, h.source_id
limit 1
