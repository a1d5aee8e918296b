-- $1: the last load that was linked
with gone as (delete from waybill.relink)
insert into waybill.linking (last_load_id) values ($1::bigint)
on conflict ("only") do update set last_load_id = excluded.last_load_id
