insert into waybill.dmarc_auth_set select * from stage_auth_set on conflict do nothing
