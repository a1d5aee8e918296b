-- Both pieces are used; the head is no rejected line any more.  $1: source of the tail, $2: of the head, $3: this load.
with head as (
    update waybill.fragment set joined = true where source_id = $2::bigint and is_head returning byte_offset
), gone as (
    delete from waybill.reject r using head where r.source_id = $2::bigint and r.byte_offset = head.byte_offset
), loaded as (
    update waybill.source set load_id = $3::bigint where source_id in ($1::bigint, $2::bigint)
), tail as (
    update waybill.fragment set joined = true where source_id = $1::bigint and not is_head returning 1
)
select count(*) from tail
