-- Whether there are verdicts at all, and such as look for their message.
select exists (select from waybill.verdict_log), exists (select from waybill.verdict_log where message_key is null)
