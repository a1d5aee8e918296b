-- The verdicts of dirty groups.  Groups may have had verdicts before they had anything else, so all are looked up.
copy (select coalesce(l.group_key, v.message_key), coalesce(l.root_transit_id, v.transit_id, 0), v.verdict_id, v.kind, v.at, v.host, v.engine, v.queue_id, v.recipient, v.action, v.result, v.reason, v.detail, v.score, v.required, v.tests, v.method, v.domain, v.selector, v.mailbox, v.session, v.code, v.enhanced, v.reply
      from waybill.verdict_log v
      left join waybill.transit_link l on l.transit_id = v.transit_id and l.message_key = v.message_key
      where :new(v): and v.message_key is not null
      union all
      select d.group_key, coalesce(v.transit_id, 0), v.verdict_id, v.kind, v.at, v.host, v.engine, v.queue_id, v.recipient, v.action, v.result, v.reason, v.detail, v.score, v.required, v.tests, v.method, v.domain, v.selector, v.mailbox, v.session, v.code, v.enhanced, v.reply
      from waybill.dirty_key d
      cross join lateral (select v.* from waybill.verdict_log v where v.message_key = d.group_key and :known(v): offset 0) v
      where not exists (select from waybill.transit_link l where l.transit_id = v.transit_id and l.message_key = v.message_key)
      union all
      select d.group_key, l.root_transit_id, v.verdict_id, v.kind, v.at, v.host, v.engine, v.queue_id, v.recipient, v.action, v.result, v.reason, v.detail, v.score, v.required, v.tests, v.method, v.domain, v.selector, v.mailbox, v.session, v.code, v.enhanced, v.reply
      from waybill.dirty_key d
      join waybill.transit_link l on l.group_key = d.group_key
      cross join lateral (select v.* from waybill.verdict_log v
                          where v.message_key = l.message_key and v.transit_id = l.transit_id and :known(v): offset 0) v
      union all
      select d.group_key, coalesce(l.root_transit_id, k.transit_id), v.verdict_id, v.kind, v.at, v.host, v.engine, v.queue_id, v.recipient, v.action, v.result, v.reason, v.detail, v.score, v.required, v.tests, v.method, v.domain, v.selector, v.mailbox, v.session, v.code, v.enhanced, v.reply
      from (select group_key, group_key as message_key, null::bigint as transit_id from waybill.dirty_key
            union all
            select l.group_key, l.message_key, l.transit_id from waybill.dirty_key d join waybill.transit_link l using (group_key)) d
      cross join lateral (select k.* from waybill.verdict_link k
                          where k.message_key = d.message_key and (d.transit_id is null or k.transit_id = d.transit_id) offset 0) k
      left join waybill.transit_link l on l.transit_id = k.transit_id and l.message_key = k.message_key
      cross join lateral (select v.* from waybill.verdict_log v
                          where v.verdict_id = k.verdict_id and v.at = k.at and v.load_id <= :until: offset 0) v
      where coalesce(l.group_key, k.message_key) = d.group_key and (d.transit_id is null) = (l.group_key is null)
      order by 1) to stdout (format binary)
