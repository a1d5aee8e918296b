-- What could not be read, by reason.  $1 since, $2 until.
select r.reason, s.format, count(*) as records, sum(r.byte_length) as bytes, count(distinct r.source_id) as sources,
       (array_agg(s.path || case when r.line is null then '' else ':' || r.line end
                  order by s.path, r.byte_offset))[1] as example,
       (array_agg(r.excerpt order by s.path, r.byte_offset))[1] as excerpt
from waybill.reject r
join waybill.source s using (source_id)
where coalesce(s.last_at, 'infinity') >= coalesce($1::timestamptz, '-infinity')
  and coalesce(s.first_at, '-infinity') < coalesce($2::timestamptz, 'infinity')
group by r.reason, s.format
order by records desc, r.reason, s.format;
