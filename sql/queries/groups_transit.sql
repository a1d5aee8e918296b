-- The transits of dirty groups: all that is new, and of groups known before what was there.
copy (select coalesce(l.group_key, t.message_key), coalesce(l.root_transit_id, t.transit_id), t.transit_id, t.message_key, t.at, t.born_at, t.removed_at, t.host, t.queue_id, t.message_id, t.mail_from, t.size, t.client_name, t.client_ip, t.client_helo, t.auth_user, t.protocol, t.tls_version, t.tls_cipher, t.orig_queue_id, t.flags
      from waybill.transit t left join waybill.transit_link l using (transit_id, message_key)
      where :new(t):
      union all
      select d.group_key, t.transit_id, t.transit_id, t.message_key, t.at, t.born_at, t.removed_at, t.host, t.queue_id, t.message_id, t.mail_from, t.size, t.client_name, t.client_ip, t.client_helo, t.auth_user, t.protocol, t.tls_version, t.tls_cipher, t.orig_queue_id, t.flags
      from waybill.dirty_key d join waybill.transit t on t.message_key = d.group_key
      where d.known and :known(t):
        and not exists (select from waybill.transit_link l where l.transit_id = t.transit_id and l.message_key = t.message_key)
      union all
      select d.group_key, l.root_transit_id, t.transit_id, t.message_key, t.at, t.born_at, t.removed_at, t.host, t.queue_id, t.message_id, t.mail_from, t.size, t.client_name, t.client_ip, t.client_helo, t.auth_user, t.protocol, t.tls_version, t.tls_cipher, t.orig_queue_id, t.flags
      from waybill.dirty_key d join waybill.transit_link l on l.group_key = d.group_key
      join waybill.transit t on t.message_key = l.message_key and t.transit_id = l.transit_id
      where :known(t):
      order by 1) to stdout (format binary)
