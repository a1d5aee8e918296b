-- What a report rests on.  $1 since, $2 until: sources with something in that period.
select count(*) as sources, coalesce(sum(bytes), 0) as bytes, coalesce(sum(records), 0) as records,
       coalesce(sum(rejected), 0) as rejected, min(first_at) as first_at, max(last_at) as last_at
from waybill.source
where coalesce(last_at, 'infinity') >= coalesce($1::timestamptz, '-infinity')
  and coalesce(first_at, '-infinity') < coalesce($2::timestamptz, 'infinity');
