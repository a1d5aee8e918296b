-- Links that changed make both their old and their new groups dirty.
create temp table link_gone on commit drop as
select o.*
from vertex v
join waybill.transit_link o on o.transit_id = v.id and o.message_key = v.key
where not exists (select from pg_temp.link_now n
                  where n.transit_id = o.transit_id and n.message_key = o.message_key
                    and n.group_key = o.group_key and n.root_transit_id = o.root_transit_id);
delete from waybill.transit_link l using link_gone o where l.transit_id = o.transit_id and l.message_key = o.message_key;
with come as (
    insert into waybill.transit_link
    select n.* from pg_temp.link_now n
    where not exists (select from waybill.transit_link l where l.transit_id = n.transit_id and l.message_key = n.message_key)
    returning *
)
insert into waybill.dirty_key (group_key)
select group_key from come
union select message_key from come c where not exists (select from link_gone o where o.transit_id = c.transit_id and o.message_key = c.message_key)
union select group_key from link_gone
union select message_key from link_gone o where not exists (select from come c where c.transit_id = o.transit_id and c.message_key = o.message_key)
on conflict do nothing
