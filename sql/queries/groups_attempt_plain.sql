copy (select a.message_key, null::bigint, a.attempt_id, a.transit_id, a.at, a.recipient, a.orig_recipient, a.relay_host, a.relay_ip, a.result, a.local, a.code, a.enhanced, a.reply, a.next_queue_id, a.delay_queue_s, a.delay_active_s, a.tls_version, a.tls_cipher, a.stage, a.reason, a.provider, a.rule
      from waybill.attempt_log a
      where a.load_id <= :until: order by 1) to stdout (format binary)
