-- Known sources by the hashes of their heads.  $1, $2: head lengths and hashes (hex), pairwise.
select s.source_id, s.bytes, s.resume_offset, encode(s.sha256, 'hex'), s.state, s.head_length,
       encode(s.head_sha256, 'hex'), s.rejected
from unnest($1::integer[], $2::text[]) as h (length, hash)
join waybill.source s on s.head_sha256 = decode(h.hash, 'hex') and s.head_length = h.length
order by s.bytes desc
limit 16
