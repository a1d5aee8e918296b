create or replace view waybill.evidence as
select 'attempt/' || attempt_id as fact, source_id, byte_offset, byte_length from waybill.attempt_log
union all
select 'transit/' || transit_id, source_id, byte_offset, byte_length from waybill.transit
union all
select 'refusal/' || refusal_id, source_id, byte_offset, byte_length from waybill.refusal
union all
select 'verdict/' || verdict_id, source_id, byte_offset, byte_length from waybill.verdict_log
union all
select 'notification/' || transit_id, source_id, byte_offset, byte_length from waybill.notification
union all
select 'message/' || encode(sha256, 'hex'), source_id, byte_offset, byte_length from waybill.message_log
union all
select 'dmarc_report/' || report_key, source_id, byte_offset, byte_length from waybill.dmarc_report
union all
select 'tls_report/' || report_key, source_id, byte_offset, byte_length from waybill.tls_report
union all
select 'dmarc_failure/' || failure_key, source_id, byte_offset, byte_length from waybill.dmarc_failure
union all
select 'complaint/' || complaint_key, source_id, byte_offset, byte_length from waybill.complaint
union all
select 'dsn/' || dsn_key, source_id, byte_offset, byte_length from waybill.dsn;
