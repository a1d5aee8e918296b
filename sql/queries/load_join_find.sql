-- The next pair of pieces: the end of one source and the beginning of the source that follows it.  Of several
-- that may follow, the one whose name is most alike, then the one that goes on soonest.
select t.source_id, t.byte_offset, t.bytes, h.source_id, h.bytes, coalesce(ts.host, ''), ts.format, t.edge_at, h.edge_at
from waybill.fragment t
join waybill.source ts on ts.source_id = t.source_id
join waybill.fragment h on h.is_head and not h.joined and h.source_id <> t.source_id
join waybill.source hs on hs.source_id = h.source_id
cross join lateral (
    select count(*) as alike
    from (select regexp_replace(ts.path, '^.*/', '') as a, regexp_replace(hs.path, '^.*/', '') as b) n,
         generate_series(1, least(length(a), length(b))) i
    where left(a, i) = left(b, i)) n
where not t.is_head and not t.joined
  and (h.edge_at is null or hs.format = ts.format) and (h.host is null or t.host is null or h.host = t.host)
  and (h.edge_at is null or t.edge_at is null or h.edge_at >= t.edge_at - interval '1 second')
order by n.alike desc, abs(extract(epoch from coalesce(h.edge_at, t.edge_at) - t.edge_at)) nulls last, t.source_id,
         h.source_id
limit 1
