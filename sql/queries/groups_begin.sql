-- Where the last analysis ended, and where this one will.
select coalesce((select last_load_id from waybill.analysis), 0) as since,
       coalesce((select max(load_id) from waybill.source), 0) as until,
       coalesce((select (extract(epoch from max(last_at)) * 1000000)::bigint from waybill.source
                  where last_at < now() + interval '1 day'), 0) as latest,
       exists (select from waybill.journey limit 1) as any
