copy (select r.message_key, r.at, r.host, r.queue_id, r.recipient, r.action, r.stage, r.reason, r.provider, r.rule, r.code, r.enhanced, r.reply, r.mail_from from waybill.refusal r
      where r.message_key is not null and r.load_id <= :until: and :dirty(r.message_key):
      union all
      select coalesce(l.group_key, t.message_key), r.at, r.host, r.queue_id, r.recipient, r.action, r.stage, r.reason, r.provider, r.rule, r.code, r.enhanced, r.reply, r.mail_from
      from waybill.transit t
      join waybill.refusal r on r.host is not distinct from t.host and r.action in ('discard', 'milter-discard')
       and r.at between t.at - interval '10 seconds' and t.at + interval '10 seconds'
       and (r.queue_id is null or r.queue_id = t.queue_id)
      left join waybill.transit_link l on l.transit_id = t.transit_id and l.message_key = t.message_key
      where t.message_id is null and t.load_id <= :until: and :dirty(coalesce(l.group_key, t.message_key)):
      order by 1) to stdout (format binary)
