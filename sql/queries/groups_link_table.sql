create temp table if not exists link_now (transit_id bigint, message_key bigint, group_key bigint, root_transit_id bigint)
on commit delete rows
