-- Results inside DMARC records are always read by the set, and written by the ten thousand: their key, which
-- nothing looks up and the report's own key guards, costs a third of loading a report.
alter table waybill.dmarc_auth drop constraint dmarc_auth_pkey;
create index dmarc_auth_report on waybill.dmarc_auth using brin (report_key int8_bloom_ops);
