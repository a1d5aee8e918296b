-- Streams that may have lost their reader: nothing came for a minute.
select k.stream, (array_agg(k.source_id order by k.position desc))[1], max(s.format)
from waybill.follow_kept k left join waybill.source s using (source_id)
group by k.stream
having max(k.at) < now() - interval '1 minute'
