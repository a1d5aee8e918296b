-- Takes what is staged into the tables, each thing once.
insert into waybill.source as s
select distinct on (source_id) * from stage_source order by source_id, bytes desc, state = 'following'
on conflict (source_id) do update
set path = excluded.path, host = excluded.host, format = excluded.format, sha256 = excluded.sha256,
    bytes = excluded.bytes, records = excluded.records, rejected = excluded.rejected,
    ignored = excluded.ignored, recorded_bytes = excluded.recorded_bytes,
    rejected_bytes = excluded.rejected_bytes, ignored_bytes = excluded.ignored_bytes,
    first_at = excluded.first_at, last_at = excluded.last_at,
    ingested_at = excluded.ingested_at, state = excluded.state, lines = excluded.lines,
    resume_offset = excluded.resume_offset, head_length = excluded.head_length, head_sha256 = excluded.head_sha256,
    load_id = excluded.load_id;

insert into waybill.source_path select source_id, path from stage_path on conflict do nothing;

insert into waybill.message_log select * from stage_message on conflict do nothing;

insert into waybill.reputation select * from stage_reputation on conflict do nothing;

-- A report that came twice in this batch counts once, as does one that was here before.
with fresh as (
    select distinct on (report_key) * from stage_report r
    where not exists (select from waybill.dmarc_report o where o.report_key = r.report_key)
    order by report_key, instance
), reports as (
    insert into waybill.dmarc_report
    select report_key, org_name, email, extra_contact_info, report_id, error, generator, version, begin_at, end_at,
           domain, p, sp, np, adkim, aspf, fo, testing, discovery_method, pct, extension, problems, records,
           messages, source_id, byte_offset, byte_length, load_id
    from fresh
), records as (
    insert into waybill.dmarc_record
    select r.report_key, r.seq, r.source_ip, r.raw_source_ip, r.count, r.disposition, r.raw_disposition, r.dkim,
           r.raw_dkim, r.spf, r.raw_spf, r.header_from, r.envelope_from, r.envelope_to, r.reasons, r.extension
    from stage_record r join fresh f using (report_key, instance)
)
insert into waybill.dmarc_auth
select a.report_key, a.seq, a.position, a.method, a.domain, a.selector, a.scope, a.result, a.raw_result,
       a.human_result
from stage_auth a join fresh f using (report_key, instance);

with fresh as (
    select distinct on (report_key) * from stage_tls_report r
    where not exists (select from waybill.tls_report o where o.report_key = r.report_key)
    order by report_key, instance
), reports as (
    insert into waybill.tls_report
    select report_key, organization_name, contact_info, report_id, begin_at, end_at, source_id, byte_offset,
           byte_length, problems, load_id
    from fresh
), policies as (
    insert into waybill.tls_policy
    select p.report_key, p.policy, p.policy_type, p.policy_string, p.policy_domain, p.mx_host,
           p.successful_sessions, p.failed_sessions
    from stage_tls_policy p join fresh f using (report_key, instance)
)
insert into waybill.tls_failure
select t.report_key, t.policy, t.position, t.result_type, t.sending_mta_ip, t.receiving_mx_hostname,
       t.receiving_mx_helo, t.receiving_ip, t.failed_sessions, t.additional_information, t.failure_reason_code
from stage_tls_failure t join fresh f using (report_key, instance);

insert into waybill.dmarc_failure select * from stage_failure on conflict do nothing;

insert into waybill.complaint select * from stage_complaint on conflict do nothing;

with fresh as (
    select distinct on (dsn_key) * from stage_dsn d
    where not exists (select from waybill.dsn o where o.dsn_key = d.dsn_key)
    order by dsn_key, instance
), notifications as (
    insert into waybill.dsn
    select dsn_key, message_key, journey_id, at, form, message_id, reported_by, subject, reporting_mta,
           received_from_mta, envelope_id, original_queue_id, arrival_at, original_message_id, original_mail_from,
           original_from, original_subject, original_date, recipients, source_id, byte_offset, byte_length, load_id
    from fresh
)
insert into waybill.dsn_recipient
select r.dsn_key, r.position, r.recipient, r.original_recipient, r.action, r.status, r.code, r.enhanced, r.reply,
       r.reply_type, r.remote_mta, r.last_attempt_at, r.will_retry_until, r.final_log_id, r.stage, r.reason,
       r.provider, r.rule
from stage_dsn_recipient r join fresh f using (dsn_key, instance);
