-- What was read, by format.  $1 since, $2 until.
select format, count(*) as sources, sum(bytes) as bytes, sum(lines) as lines, sum(records) as records,
       sum(rejected) as rejected, round(sum(rejected)::numeric / nullif(sum(records) + sum(rejected), 0), 6) as rejected_share,
       min(first_at) as first_at, max(last_at) as last_at
from waybill.source
where coalesce(last_at, 'infinity') >= coalesce($1::timestamptz, '-infinity')
  and coalesce(first_at, '-infinity') < coalesce($2::timestamptz, 'infinity')
group by format
order by sum(bytes) desc, format;
