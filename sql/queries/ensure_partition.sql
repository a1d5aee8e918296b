-- $1: table, $2: moment in microseconds since 1970.  The bounds come back in the same unit, and this transaction's
-- number where it made the partition and all others there are: then nobody can have read the table before.
select p.part, (extract(epoch from p.from_at) * 1000000)::bigint, (extract(epoch from p.until_at) * 1000000)::bigint,
       case when not exists (select from pg_class c
                             where c.relnamespace = 'waybill'::regnamespace and c.relname = p.part)
             and not exists (select from pg_inherits i join pg_class c on c.oid = i.inhrelid
                             where i.inhparent = ('waybill.' || quote_ident($1))::regclass
                               and c.relname <> $1 || '_default' and c.xmin <> pg_current_xact_id()::xid)
            then pg_current_xact_id()::text end
from waybill.ensure_partition($1, timestamptz '1970-01-01 00:00:00+00' + $2::bigint * interval '1 microsecond') p
