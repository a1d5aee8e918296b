-- $1: the last load that was analyzed
with done as (update waybill.analysis set finished = true)
delete from waybill.dirty_key where load_id <= $1::bigint
