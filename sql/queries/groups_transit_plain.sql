copy (select t.message_key, null::bigint, t.transit_id, null::bigint, t.at, t.born_at, t.removed_at, t.host, t.queue_id, t.message_id, t.mail_from, t.size, t.client_name, t.client_ip, t.client_helo, t.auth_user, t.protocol, t.tls_version, t.tls_cipher, t.orig_queue_id, t.flags
      from waybill.transit t
      where t.load_id <= :until: order by 1) to stdout (format binary)
