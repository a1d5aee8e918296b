-- These two do not belong together; the head waits for another tail only if one comes.  $1: tail, $2: head.
update waybill.fragment set joined = true where source_id = $2::bigint and is_head and $1::bigint is not null
