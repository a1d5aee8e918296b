-- Keeps raw lines.  $1: stream, $2: position, $3: source_id, $4: where that source begins, $5: the lines (hex).
insert into waybill.follow_kept values ($1, $2::bigint, $3::bigint, $4::bigint, decode($5, 'hex'), now())
on conflict (stream, position) do update
set source_id = excluded.source_id, begins_at = excluded.begins_at, bytes = excluded.bytes, at = excluded.at
