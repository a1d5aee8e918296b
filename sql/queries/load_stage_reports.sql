-- Aggregate reports that may be here already, and all others.  Emptied by every commit.
create temp table if not exists stage_report (like waybill.dmarc_report, instance bigint) on commit delete rows;
create temp table if not exists stage_record (like waybill.dmarc_record, instance bigint) on commit delete rows;
create temp table if not exists stage_again (report_key bigint, instance bigint, content bigint, records bigint, messages bigint,
    passed bigint, source_id bigint, byte_offset bigint, byte_length bigint, load_id bigint, place integer) on commit delete rows;
create temp table if not exists stage_tls_report (like waybill.tls_report, instance bigint) on commit delete rows;
create temp table if not exists stage_tls_policy (like waybill.tls_policy, instance bigint) on commit delete rows;
create temp table if not exists stage_tls_failure (like waybill.tls_failure, instance bigint) on commit delete rows;
create temp table if not exists stage_tls_again (report_key bigint, instance bigint, content bigint, policies bigint, failures bigint,
    successful bigint, failed bigint, source_id bigint, byte_offset bigint, byte_length bigint, load_id bigint, place integer) on commit delete rows;
create temp table if not exists stage_failure (like waybill.dmarc_failure) on commit delete rows;
create temp table if not exists stage_complaint (like waybill.complaint) on commit delete rows;
create temp table if not exists stage_dsn (like waybill.dsn, instance bigint) on commit delete rows;
create temp table if not exists stage_dsn_recipient (like waybill.dsn_recipient, instance bigint) on commit delete rows
