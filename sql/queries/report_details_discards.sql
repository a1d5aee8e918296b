-- needs: door_discards
-- Everything that was thrown away at the door, with the place of its line.
select r.at, r.mail_from, r.recipient, 'discarded' as outcome, r.receiver, coalesce(r.stage, 'unknown') as stage, r.reason,
       r.host as decided_by, r.client_ip, r.client_name, r.helo, nullif(waybill.reply_said(r.code, r.enhanced, r.reply), '') as reply,
       r.rule, s.path as source, r.byte_offset, r.byte_length
from door_discards r
left join waybill.source s using (source_id)
order by r.at, r.host, r.client_ip, r.mail_from, r.recipient, s.path, r.byte_offset, s.sha256, r.refusal_id;
