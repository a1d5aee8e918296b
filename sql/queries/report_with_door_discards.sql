-- What hosts of ours took at their door and threw away, where nobody's log tells of the sending: no delivery counts it.
-- $1 since, $2 until.
select r.at, r.host, r.mail_from, r.recipient, coalesce(nullif(lower(split_part(r.recipient, '@', 2)), ''), 'unknown') as receiver,
       r.stage, coalesce(r.reason, 'policy') as reason, r.client_ip, r.client_name, r.helo, r.code, r.enhanced, r.reply, r.rule,
       r.source_id, r.byte_offset, r.byte_length, r.refusal_id
from waybill.refusal r
where r.action ~ 'discard' and r.queue_id is null
  and r.at >= coalesce($1::timestamptz, '-infinity') and r.at < coalesce($2::timestamptz, 'infinity')
  and not exists (
      select from waybill.delivery d
      where d.outcome = 'discarded' and d.decided_by is not distinct from r.host
        -- whichever day it counts for; keeps most weeks out
        and d.first_at >= coalesce($1::timestamptz - interval '31 days', '-infinity')
        and d.first_at < coalesce($2::timestamptz + interval '10 s', 'infinity')
        and d.decided_at between r.at - interval '10 s' and r.at + interval '10 s'
        and (lower(d.recipient) = lower(r.recipient) or (d.decided_at = r.at and d.reply is not distinct from r.reply)))
