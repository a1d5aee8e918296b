-- Reports that come by mail: notifications of delivery, complaints, failure reports; and the account of a run.
create table waybill.dsn (
    dsn_key bigint primary key,
    message_key bigint,
    journey_id bigint,
    at timestamptz,
    form text not null collate "C",
    message_id text collate "C",
    reported_by text collate "C",
    subject text collate "C",
    reporting_mta text collate "C",
    received_from_mta text collate "C",
    envelope_id text collate "C",
    original_queue_id text collate "C",
    arrival_at timestamptz,
    original_message_id text collate "C",
    original_mail_from text collate "C",
    original_from text collate "C",
    original_subject text collate "C",
    original_date timestamptz,
    recipients integer not null,
    source_id bigint not null,
    byte_offset bigint not null,
    byte_length bigint not null,
    load_id bigint not null
);
create index dsn_message on waybill.dsn (message_key);
create index dsn_load on waybill.dsn (load_id);

create table waybill.dsn_recipient (
    dsn_key bigint not null,
    position integer not null,
    recipient text not null collate "C",
    original_recipient text collate "C",
    action text not null collate "C",
    status text collate "C",
    code smallint,
    enhanced text collate "C",
    reply text collate "C",
    reply_type text collate "C",
    remote_mta text collate "C",
    last_attempt_at timestamptz,
    will_retry_until timestamptz,
    final_log_id text collate "C",
    stage text collate "C",
    reason text collate "C",
    provider text collate "C",
    rule text collate "C",
    primary key (dsn_key, position)
);

create table waybill.complaint (
    complaint_key bigint primary key,
    message_key bigint,
    journey_id bigint,
    at timestamptz,
    feedback_type text collate "C",
    version text collate "C",
    user_agent text collate "C",
    reported_by text collate "C",
    reported_domain text collate "C",
    reported_uri text collate "C",
    reporting_mta text collate "C",
    source_ip inet,
    incidents bigint,
    arrival_at timestamptz,
    original_mail_from text collate "C",
    original_rcpt_to text collate "C",
    original_envelope_id text collate "C",
    original_message_id text collate "C",
    original_from text collate "C",
    original_subject text collate "C",
    original_headers text collate "C",
    source_id bigint not null,
    byte_offset bigint not null,
    byte_length bigint not null,
    load_id bigint not null
);
create index complaint_message on waybill.complaint (message_key);
create index complaint_load on waybill.complaint (load_id);

-- Which group a notification is about where it does not name a Message-ID.
create table waybill.dsn_link (
    dsn_key bigint primary key,
    group_key bigint not null
);
create index dsn_link_group on waybill.dsn_link (group_key);

alter table waybill.dmarc_failure
    add column message_key bigint,
    add column feedback_type text collate "C",
    add column version text collate "C",
    add column reporting_mta text collate "C",
    add column reported_uri text collate "C",
    add column authentication_results text collate "C",
    add column original_envelope_id text collate "C",
    add column original_from text collate "C",
    add column original_subject text collate "C",
    add column original_headers text collate "C",
    add column load_id bigint;
create index dmarc_failure_message on waybill.dmarc_failure (message_key);

alter table waybill.tls_report
    add column problems text collate "C",
    add column load_id bigint;

-- One row per run of ingest.
create table waybill.ingest_run (
    ended_at timestamptz not null,
    started_at timestamptz not null,
    arguments text not null collate "C",
    state text not null collate "C",
    files bigint not null,
    known_files bigint not null,
    unknown_files bigint not null,
    unreadable_files bigint not null,
    bytes bigint not null,
    reports_found bigint not null,
    reports_imported bigint not null,
    reports_duplicate bigint not null,
    reports_partly bigint not null,
    reports_rejected bigint not null,
    not_reports bigint not null,
    records bigint not null,
    rejects bigint not null
);
create index ingest_run_at on waybill.ingest_run (ended_at);
