-- Forgets addresses that no report names any more (db purge).
delete from waybill.source_identity i
where not exists (select from waybill.dmarc_record c where c.source_ip = i.ip);
