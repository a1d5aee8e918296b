-- Journeys that passed a queue.  $1 queue id; $2 host, in full or up to a dot, or null.
select distinct journey_id, first_at
from waybill.hop
where queue_id = $1
  and ($2::text is null or host = $2 or host like replace(replace(replace($2, '\', '\\'), '%', '\%'), '_', '\_') || '.%')
order by first_at, journey_id
limit 50;
