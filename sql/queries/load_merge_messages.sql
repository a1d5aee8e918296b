insert into waybill.message_log select * from stage_message on conflict do nothing;
