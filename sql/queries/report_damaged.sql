-- Sources with input that could not be read, most damaged first, with the reasons.  $1 since, $2 until.
select s.path, s.format, r.reason, count(*) as records, sum(r.byte_length) as bytes, min(r.line) as first_line,
       (array_agg(r.excerpt order by r.byte_offset))[1] as excerpt
from waybill.reject r
join waybill.source s using (source_id)
where coalesce(s.last_at, 'infinity') >= coalesce($1::timestamptz, '-infinity')
  and coalesce(s.first_at, '-infinity') < coalesce($2::timestamptz, 'infinity')
group by s.source_id, s.path, s.format, r.reason
order by records desc, s.path, s.format, r.reason, min(r.byte_offset), s.source_id;
