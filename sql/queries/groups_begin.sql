-- Where the last analysis ended, and where this one will; and the times between which the logs lie that were
-- read meanwhile: they keep the search for new rows out of most partitions.
with done as (select coalesce((select last_load_id from waybill.analysis), 0) as since)
select since,
       coalesce((select max(load_id) from waybill.source), 0) as until,
       coalesce((select (extract(epoch from max(last_at)) * 1000000)::bigint from waybill.source
                  where last_at < now() + interval '1 day'), 0) as latest,
       exists (select from waybill.journey limit 1) as any,
       coalesce(n.first_at - interval '1 day', 'infinity')::text, coalesce(n.last_at + interval '1 day', '-infinity')::text,
       coalesce((select finished from waybill.analysis), true) as finished
from done
cross join lateral (select min(s.first_at) as first_at, max(s.last_at) as last_at
                    from waybill.source s where s.load_id > since and s.lines > 0) n
