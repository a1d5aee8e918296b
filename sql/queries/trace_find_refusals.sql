-- Refusals of what never became a journey.  $1 Message-ID or null, $2 queue id or null, $3 recipient or null; $4 host of
-- the queue, in full or up to a dot, or null.
select at, host, queue_id, client_name, client_ip, helo, mail_from, recipient, action, stage, reason, rule, code, enhanced,
       reply, message_id
from waybill.refusal
where (message_id = $1 or queue_id = $2 or recipient in ($3, lower($3)))
  and ($4::text is null or queue_id is distinct from $2 or host = $4
       or host like replace(replace(replace($4, '\', '\\'), '%', '\%'), '_', '\_') || '.%')
order by at, host, recipient, refusal_id
limit 50;
