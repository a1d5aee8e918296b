-- The attempts of dirty groups, as groups_transit.sql has their transits.
copy (select coalesce(l.group_key, a.message_key), coalesce(l.root_transit_id, a.transit_id), a.attempt_id, a.transit_id, a.at, a.recipient, a.orig_recipient, a.relay_host, a.relay_ip, a.result, a.local, a.code, a.enhanced, a.reply, a.next_queue_id, a.delay_queue_s, a.delay_active_s, a.tls_version, a.tls_cipher, a.stage, a.reason, a.provider, a.rule
      from waybill.attempt_log a left join waybill.transit_link l using (transit_id, message_key)
      where :new(a):
      union all
      select d.group_key, d.transit_id, a.attempt_id, a.transit_id, a.at, a.recipient, a.orig_recipient, a.relay_host, a.relay_ip, a.result, a.local, a.code, a.enhanced, a.reply, a.next_queue_id, a.delay_queue_s, a.delay_active_s, a.tls_version, a.tls_cipher, a.stage, a.reason, a.provider, a.rule
      from (select distinct d.group_key, t.transit_id, t.message_key
            from waybill.dirty_key d join waybill.transit t on t.message_key = d.group_key
            where d.known and not exists (select from waybill.transit_link l
                                          where l.transit_id = t.transit_id and l.message_key = t.message_key)) d
      join waybill.attempt_log a on a.transit_id = d.transit_id and a.message_key = d.message_key
      where :known(a):
      union all
      select d.group_key, l.root_transit_id, a.attempt_id, a.transit_id, a.at, a.recipient, a.orig_recipient, a.relay_host, a.relay_ip, a.result, a.local, a.code, a.enhanced, a.reply, a.next_queue_id, a.delay_queue_s, a.delay_active_s, a.tls_version, a.tls_cipher, a.stage, a.reason, a.provider, a.rule
      from waybill.dirty_key d join waybill.transit_link l on l.group_key = d.group_key
      join waybill.attempt_log a on a.transit_id = l.transit_id and a.message_key = l.message_key
      where :known(a):
      order by 1) to stdout (format binary)
