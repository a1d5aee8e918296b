-- Every delivery of the period, in the order in which messages were first seen: what the figures of the other reports
-- count.  $1 since, $2 until.
select e.first_at as at, j.mail_from, e.recipient, e.outcome, e.class, e.receiver,
       case when e.class in ('failed', 'vanished', 'misplaced', 'pending') then coalesce(e.stage, 'unknown') else e.stage end as stage,
       case when e.class in ('failed', 'vanished', 'misplaced', 'pending') then coalesce(e.reason, 'undefined') else e.reason end as reason,
       e.decided_by, e.decided_at, e.attempts, e.delay_s, e.journey_id, j.message_id,
       nullif(waybill.reply_said(e.code, e.enhanced, e.reply), '') as reply, e.rule
from waybill.delivery_end e
left join waybill.journey j on j.journey_id = e.journey_id and j.first_at = e.first_at
where e.first_at >= coalesce($1::timestamptz, '-infinity') and e.first_at < coalesce($2::timestamptz, 'infinity')
-- a recipient that stands for several has a row for each
order by e.first_at, e.journey_id, e.recipient, e.final_recipient, e.decided_at, e.outcome, e.receiver, e.decided_by, e.delay_s,
         e.attempts, reply, e.stage, e.reason, e.rule;
