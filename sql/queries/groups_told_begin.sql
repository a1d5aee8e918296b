-- Whether there are notifications, complaints or failure reports at all, and notifications that name no Message-ID and are not linked yet.
select exists (select from waybill.dsn) or exists (select from waybill.complaint)
           or exists (select from waybill.dmarc_failure),
       exists (select from waybill.dsn d where d.message_key is null
                                           and not exists (select from waybill.dsn_link l where l.dsn_key = d.dsn_key))
