-- Refusals of what never became a journey.  $1 Message-ID or null, $2 queue id or null, $3 recipient or null.
select at, host, queue_id, client_name, client_ip, helo, mail_from, recipient, action, stage, reason, rule, code, enhanced,
       reply, message_id
from waybill.refusal
where message_id = $1 or queue_id = $2 or recipient in ($3, lower($3))
order by at, host, recipient, refusal_id
limit 50;
