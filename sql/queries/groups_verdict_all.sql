copy (select coalesce(l.group_key, k.message_key, v.message_key), coalesce(l.root_transit_id, k.transit_id, v.transit_id, 0), v.verdict_id, v.kind, v.at, v.host, v.engine, v.queue_id, v.recipient, v.action, v.result, v.reason, v.detail, v.score, v.required, v.tests, v.method, v.domain, v.selector, v.mailbox, v.session, v.code, v.enhanced, v.reply
      from waybill.verdict_log v
      left join waybill.verdict_link k on k.verdict_id = v.verdict_id and k.at = v.at
      left join waybill.transit_link l on l.transit_id = coalesce(k.transit_id, v.transit_id)
       and l.message_key = coalesce(k.message_key, v.message_key)
      where v.load_id <= :until: and (k.message_key is not null or v.message_key is not null)
      order by 1) to stdout (format binary)
