copy (select coalesce(l.group_key, n.message_key), n.dsn_key, n.at, coalesce(n.arrival_at, n.original_date), coalesce(n.reporting_mta, n.reported_by), null::text, r.recipient, r.original_recipient, r.action, r.code, r.status, r.enhanced, r.reply, r.remote_mta, r.last_attempt_at, r.will_retry_until, r.stage, r.reason, r.provider, r.rule, n.original_message_id, n.original_mail_from, n.original_from, n.original_subject
      from waybill.dsn n join waybill.dsn_recipient r using (dsn_key) left join waybill.dsn_link l using (dsn_key)
      where n.load_id <= :until: and coalesce(l.group_key, n.message_key) is not null and :dirty(coalesce(l.group_key, n.message_key)):
      union all
      select c.message_key, c.complaint_key, coalesce(c.at, c.arrival_at), c.arrival_at, c.reported_by, coalesce(c.feedback_type, ''), c.original_rcpt_to, null, null, null::smallint, null, null, null, null, null::timestamptz, null::timestamptz, null, null, null, null, c.original_message_id, c.original_mail_from, c.original_from, c.original_subject
      from waybill.complaint c
      where c.load_id <= :until: and c.message_key is not null and :dirty(c.message_key):
      order by 1, 3, 2) to stdout (format binary)
