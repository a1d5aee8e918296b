-- The domains whose policies reports speak of.  $1 batches after this one; -1: all.
select distinct lower(domain) from waybill.dmarc_report where load_id > $1::bigint and domain is not null order by 1 limit 10000;
