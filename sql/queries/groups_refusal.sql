-- What was refused of a message: by its key; and where the log has no Message-ID, by its queue id, and discards at
-- RCPT, which have neither, by host, client and time: the nearest, for one client may send a thousand a second.
copy (select r.message_key, r.at, r.host, r.queue_id, r.recipient, r.action, r.stage, r.reason, r.provider, r.rule, r.code, r.enhanced, r.reply, r.mail_from from waybill.refusal r
      where r.message_key is not null and r.load_id <= :until: and :dirty(r.message_key):
      union all
      select t.group_key, r.at, r.host, r.queue_id, r.recipient, r.action, r.stage, r.reason, r.provider, r.rule, r.code, r.enhanced, r.reply, r.mail_from
      from (:unnamed:) t
      cross join lateral (
          (select r.* from waybill.refusal r
           where r.queue_id = t.queue_id and r.host is not distinct from t.host and r.message_key is distinct from t.message_key
             and r.at between t.at - interval '10 seconds' and t.at + interval '10 minutes'
           order by r.at limit 64)
          union all
          (select r.* from waybill.refusal r
           where r.action in ('discard', 'milter-discard') and r.at between t.at - interval '10 seconds' and t.at
             and r.host is not distinct from t.host and r.queue_id is null
             and (r.client_ip is null or t.client_ip is null or r.client_ip = t.client_ip)
           order by r.at desc limit 64)
          union all
          (select r.* from waybill.refusal r
           where r.action in ('discard', 'milter-discard') and r.at > t.at and r.at <= t.at + interval '10 seconds'
             and r.host is not distinct from t.host and r.queue_id is null
             and (r.client_ip is null or t.client_ip is null or r.client_ip = t.client_ip)
           order by r.at limit 64)) r
      order by 1) to stdout (format binary)
