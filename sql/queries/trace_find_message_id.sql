-- Journeys with a Message-ID.  $1 without its brackets.
select distinct journey_id, first_at
from waybill.journey
where message_id = $1
order by first_at, journey_id
limit 50;
