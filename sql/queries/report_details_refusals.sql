-- Every refusal of the period, with the place of its line.  $1 since, $2 until.
select r.at, r.host, coalesce(r.stage, 'unknown') as stage, coalesce(r.reason, 'undefined') as reason, r.client_ip,
       r.client_name, r.helo, r.mail_from, r.recipient, r.queue_id,
       nullif(waybill.reply_said(r.code, r.enhanced, r.reply), '') as reply, r.rule, s.path as source, r.byte_offset, r.byte_length
from waybill.refusal r
left join waybill.source s using (source_id)
where r.at >= coalesce($1::timestamptz, '-infinity') and r.at < coalesce($2::timestamptz, 'infinity')
  and coalesce(r.action, '') !~ 'discard|hold'
order by r.at, r.host, r.client_ip, r.mail_from, r.recipient, s.path, r.byte_offset, s.sha256, r.refusal_id;
