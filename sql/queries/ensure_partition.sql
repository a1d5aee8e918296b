-- $1: table, $2: moment in microseconds since 1970.  The bounds come back in the same unit.
select part, (extract(epoch from from_at) * 1000000)::bigint, (extract(epoch from until_at) * 1000000)::bigint
from waybill.ensure_partition($1, timestamptz '1970-01-01 00:00:00+00' + $2::bigint * interval '1 microsecond')
