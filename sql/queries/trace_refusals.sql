-- Refusals that name the message of a journey.  $1 journey id.
select r.at, r.host, r.queue_id, r.client_name, r.client_ip, r.helo, r.mail_from, r.recipient, r.action, r.stage, r.reason,
       r.rule, r.code, r.enhanced, r.reply
from waybill.refusal r
where r.message_key in (select group_key from waybill.journey where journey_id = $1::bigint)
order by r.at, r.host, r.recipient, r.refusal_id
limit 200;
