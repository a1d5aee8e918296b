-- Times that no log of a host covers: at least an hour between the end of what was read and the next beginning.
-- $1 since, $2 until.
with s as (
    select host, format, path, first_at, last_at,
           max(last_at) over (partition by host, format order by first_at, last_at, path
                              rows between unbounded preceding and 1 preceding) as covered_to
    from waybill.source
    where first_at is not null and last_at is not null and host is not null
)
select host, format, covered_to as from_at, first_at as to_at,
       round(extract(epoch from first_at - covered_to)::numeric, 0) as gap_s, path as next_source
from s
where first_at - covered_to >= interval '1 hour'
  and first_at >= coalesce($1::timestamptz, '-infinity') and covered_to < coalesce($2::timestamptz, 'infinity')
order by gap_s desc, host, format, from_at;
