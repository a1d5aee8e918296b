-- What is committed of a pipe, and still in it.  $1: stream, $2: bytes, $3: their SHA-256 (hex).
insert into waybill.follow_mark values ($1, $2::bigint, decode($3, 'hex'), now())
on conflict (stream) do update set bytes = excluded.bytes, sha256 = excluded.sha256, at = excluded.at
