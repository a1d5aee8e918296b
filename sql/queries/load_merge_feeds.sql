insert into waybill.reputation select * from stage_reputation on conflict do nothing;
