-- Whether a source id is taken.  $1: source_id
select 1 from waybill.source where source_id = $1
