-- One journey.  $1 journey id.
select journey_id, message_id, mail_from, header_from, subject, first_at, last_at, hops as hop_count,
       recipients as recipient_count, outcome, size,
       about_journey_id, about_type
from waybill.journey
where journey_id = $1::bigint
order by first_at
limit 1;
