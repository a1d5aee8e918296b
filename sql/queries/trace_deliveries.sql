-- The recipients of a journey, and what became of each.  $1 journey id.
select recipient, final_recipient, outcome, stage, reason, provider, rule, code, enhanced, reply, decided_by, decided_at,
       attempts, first_attempt_at, last_attempt_at, delay_s, placement, receiver
from waybill.delivery
where journey_id = $1::bigint
order by recipient, final_recipient, decided_at
limit 100000;
