copy (select m.message_key, m.sha256, m.folder, m.mailbox, m.host, m.stored_at, m.raw from waybill.message_log m
      where m.load_id <= :until: and :dirty(m.message_key):
      order by 1, m.sha256) to stdout (format binary)
