-- Every source.  $1 since, $2 until.
select path, format, host, state, bytes, lines, records, rejected, ignored, first_at, last_at,
       encode(sha256, 'hex') as sha256
from waybill.source
where coalesce(last_at, 'infinity') >= coalesce($1::timestamptz, '-infinity')
  and coalesce(first_at, '-infinity') < coalesce($2::timestamptz, 'infinity')
order by format, host, first_at, path, sha256;
