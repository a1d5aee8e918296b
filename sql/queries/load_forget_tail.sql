-- Before a source is read on: what its unfinished last line had said is said anew.  $1: source_id, $2: offset,
-- $3: this load.
with a as (delete from waybill.transit where source_id = $1 and byte_offset >= $2::bigint returning transit_id, message_key, queue_id),
     v as (delete from waybill.verdict_log where source_id = $1 and byte_offset >= $2::bigint returning message_key),
     g as (insert into waybill.dirty_key (group_key, load_id)
           select message_key, $3::bigint from a
           union select message_key, $3::bigint from v where message_key is not null
           on conflict (group_key) do update set load_id = excluded.load_id),
     b as (delete from waybill.attempt_log where source_id = $1 and byte_offset >= $2::bigint
           returning transit_id, message_key, next_queue_id),
     l as (insert into waybill.relink (queue_id, transit_id, message_key) -- what they linked is linked anew
           select queue_id, transit_id, message_key from a
           union select next_queue_id, transit_id, message_key from b where next_queue_id is not null),
     c as (delete from waybill.refusal where source_id = $1 and byte_offset >= $2::bigint),
     d as (delete from waybill.notification where source_id = $1 and byte_offset >= $2::bigint),
     u as (update waybill.verdict_log v set transit_id = null, message_key = null -- they look for it anew
           from a where v.message_key = a.message_key and v.transit_id = a.transit_id and v.source_id = $1
            and v.byte_offset < $2::bigint),
     x as (delete from waybill.verdict_link k using a where k.transit_id = a.transit_id and k.message_key = a.message_key),
     e as (delete from waybill.reject where source_id = $1 and byte_offset >= $2::bigint)
delete from waybill.fragment where source_id = $1 and byte_offset >= $2::bigint and not is_head
