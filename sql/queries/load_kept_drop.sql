-- Lets go of what stands before a position, but for single lines that are still waited for.
-- $1: stream, $2: the position, $3, $4: positions and lengths of those lines (arrays).
with waiting as (
    select * from unnest($3::bigint[], $4::bigint[]) as w (position, length)
), gone as (
    delete from waybill.follow_kept k
    where k.stream = $1 and k.position + octet_length(k.bytes) <= $2::bigint
      and not exists (select from waiting w where w.position = k.position and w.length = octet_length(k.bytes))
    returning *
)
insert into waybill.follow_kept
select g.stream, w.position, g.source_id, g.begins_at, substring(g.bytes from (w.position - g.position + 1)::int for w.length::int), g.at
from gone g join waiting w on w.position > g.position and w.position + w.length <= g.position + octet_length(g.bytes)
on conflict do nothing
