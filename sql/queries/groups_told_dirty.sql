-- The groups that new notifications and complaints are about.  $1: last load analyzed, $2: last one to take.
insert into waybill.dirty_key (group_key, known)
select coalesce(l.group_key, d.message_key), false
from waybill.dsn d left join waybill.dsn_link l using (dsn_key)
where d.load_id > $1::bigint and d.load_id <= $2::bigint and coalesce(l.group_key, d.message_key) is not null
union select message_key, false from waybill.complaint
where load_id > $1::bigint and load_id <= $2::bigint and message_key is not null
on conflict do nothing
