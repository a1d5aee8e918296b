-- Where rows wait that a unique key may refuse; emptied by every commit.
create temp table if not exists stage_message (like waybill.message_log) on commit delete rows;
create temp table if not exists stage_report (like waybill.dmarc_report, instance bigint) on commit delete rows;
create temp table if not exists stage_record (like waybill.dmarc_record, instance bigint) on commit delete rows;
create temp table if not exists stage_auth (like waybill.dmarc_auth, instance bigint) on commit delete rows;
create temp table if not exists stage_reputation (like waybill.reputation) on commit delete rows;
create temp table if not exists stage_source (like waybill.source) on commit delete rows;
create temp table if not exists stage_path (like waybill.source_path) on commit delete rows;
