-- Whether something was ingested that analyze has not seen (but for what --follow reads just now), and whether anything
-- was ingested at all.
select exists (
    select from waybill.source
    where load_id > coalesce((select max(last_load_id) from waybill.analysis), 0) and state <> 'following' and records > 0) as waiting,
    not exists (select from waybill.source) as empty;
