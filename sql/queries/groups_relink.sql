-- Links that changed make both their old and their new groups dirty.
insert into waybill.dirty_key (group_key)
select k from (
    select n.group_key as k from pg_temp.link_now n
    left join waybill.transit_link o using (transit_id, message_key)
    where o.group_key is distinct from n.group_key or o.root_transit_id is distinct from n.root_transit_id
    union
    select coalesce(o.group_key, n.message_key) from pg_temp.link_now n
    left join waybill.transit_link o using (transit_id, message_key)
    where o.group_key is distinct from n.group_key or o.root_transit_id is distinct from n.root_transit_id
    union
    select unnest(array[o.group_key, o.message_key]) from waybill.transit_link o
    where not exists (select from pg_temp.link_now n where n.transit_id = o.transit_id and n.message_key = o.message_key)
) c
on conflict do nothing;
delete from waybill.transit_link;
insert into waybill.transit_link select * from pg_temp.link_now
