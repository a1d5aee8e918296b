-- Whether a source is as this loader's last commit left it.  $1: source_id, $2: its bytes.
select 1 from waybill.source where source_id = $1::bigint and bytes = $2::bigint and resume_offset = $2::bigint
