-- Whether something was ingested that analyze has not seen.
select exists (
    select from waybill.source
    where load_id > coalesce((select max(last_load_id) from waybill.analysis), 0)) as waiting;
