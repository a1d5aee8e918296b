-- Whether there are notifications or complaints at all, and notifications that name no Message-ID and are not linked yet.
select exists (select from waybill.dsn) or exists (select from waybill.complaint),
       exists (select from waybill.dsn d where d.message_key is null
                                           and not exists (select from waybill.dsn_link l where l.dsn_key = d.dsn_key))
