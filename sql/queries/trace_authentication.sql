-- What our evaluation and other hosts said of a journey's authentication.  $1 journey id.
select method, domain, selector, said_by, result, aligned, reason, at
from waybill.auth_result
where journey_id = $1::bigint
order by array_position(array['spf', 'dkim', 'dmarc', 'arc'], method), method, domain, selector,
         (said_by = 'waybill') desc, said_by, at, result
limit 500;
