-- The foundation: what was read (sources, transits, attempts, refusals, messages, reports) and what
-- analyze makes of it (journeys, hops, deliveries, findings, authentication).
--
-- Rules kept here (ARCHITECTURE.md, "the data model"): every row of a message carries its immutable
-- message_key; ids come from the client, no row needs a sequence; tables that grow are partitioned by
-- time, by the month; no foreign keys between big tables; texts are compared bytewise.
-- Indexes of partitions are made by waybill.index_partitions(), after a load where that is cheaper.

create schema if not exists waybill;

do $$ begin
    if not exists (select from pg_roles where rolname = 'waybill_reader') then
        create role waybill_reader nologin;
    end if;
exception when insufficient_privilege or duplicate_object then
    raise notice 'role waybill_reader was not created: ask an administrator for "create role waybill_reader"';
end $$;

-- What was ingested -------------------------------------------------------------------------------

create table waybill.source (
    source_id bigint primary key,
    path text not null collate "C",
    host text collate "C",
    format text not null collate "C",
    sha256 bytea not null,
    bytes bigint not null,
    records bigint not null,
    rejected bigint not null,
    ignored bigint not null,
    recorded_bytes bigint not null,
    rejected_bytes bigint not null,
    ignored_bytes bigint not null,
    first_at timestamptz,
    last_at timestamptz,
    ingested_at timestamptz not null,
    state text not null collate "C",
    lines bigint not null,
    resume_offset bigint not null,
    head_length integer not null,
    head_sha256 bytea not null,
    options text not null collate "C",
    load_id bigint not null
);
create index source_head on waybill.source (head_sha256);
create index source_sha256 on waybill.source (sha256);

create table waybill.source_path (
    source_id bigint not null references waybill.source on delete cascade,
    path text not null collate "C",
    primary key (source_id, path)
);

create table waybill.reject (
    source_id bigint not null,
    byte_offset bigint not null,
    byte_length bigint not null,
    line bigint,
    reason text not null collate "C",
    excerpt text collate "C"
);
create index reject_source on waybill.reject (source_id, byte_offset);

create table waybill.fragment (
    source_id bigint not null,
    host text collate "C",
    is_head boolean not null,
    byte_offset bigint not null,
    bytes bytea not null,
    edge_at timestamptz,
    joined boolean not null default false,
    load_id bigint not null
);

create sequence waybill.load_id_seq;
comment on sequence waybill.load_id_seq is 'One value per committed batch of an ingest.';

-- Log facts, as folded while reading ----------------------------------------------------------------

create table waybill.transit (
    transit_id bigint not null,
    message_key bigint not null,
    at timestamptz not null,
    born_at timestamptz,
    active_at timestamptz,
    removed_at timestamptz,
    host text collate "C",
    queue_id text not null collate "C",
    program text collate "C",
    message_id text collate "C",
    mail_from text collate "C",
    size bigint,
    nrcpt integer,
    client_name text collate "C",
    client_ip inet,
    client_helo text collate "C",
    auth_user text collate "C",
    protocol text collate "C",
    tls_version text collate "C",
    tls_cipher text collate "C",
    orig_queue_id text collate "C",
    flags integer not null,
    source_id bigint not null,
    byte_offset bigint not null,
    byte_length bigint not null,
    lines bytea,
    load_id bigint not null
) partition by range (at);
create table waybill.transit_default partition of waybill.transit default;

create table waybill.attempt_log (
    attempt_id bigint not null,
    transit_id bigint not null,
    message_key bigint not null,
    at timestamptz not null,
    recipient text collate "C",
    orig_recipient text collate "C",
    relay_host text collate "C",
    relay_ip inet,
    relay_port integer,
    result text not null collate "C",
    local boolean not null,
    code smallint,
    enhanced text collate "C",
    reply text collate "C",
    next_queue_id text collate "C",
    delay_s double precision,
    delay_queue_s real,
    delay_active_s real,
    delay_connect_s real,
    delay_transmit_s real,
    tls_version text collate "C",
    tls_cipher text collate "C",
    stage text collate "C",
    reason text collate "C",
    provider text collate "C",
    rule text collate "C",
    source_id bigint not null,
    byte_offset bigint not null,
    byte_length bigint not null,
    load_id bigint not null
) partition by range (at);
create table waybill.attempt_log_default partition of waybill.attempt_log default;

create table waybill.refusal (
    refusal_id bigint not null,
    message_key bigint,
    at timestamptz not null,
    host text collate "C",
    queue_id text collate "C",
    message_id text collate "C",
    client_name text collate "C",
    client_ip inet,
    helo text collate "C",
    mail_from text collate "C",
    recipient text collate "C",
    auth_user text collate "C",
    action text collate "C",
    stage text collate "C",
    reason text collate "C",
    provider text collate "C",
    rule text collate "C",
    code smallint,
    enhanced text collate "C",
    reply text collate "C",
    source_id bigint not null,
    byte_offset bigint not null,
    byte_length bigint not null,
    load_id bigint not null
) partition by range (at);
create table waybill.refusal_default partition of waybill.refusal default;

create table waybill.notification (
    transit_id bigint not null,
    message_key bigint not null,
    at timestamptz not null,
    host text collate "C",
    queue_id text not null collate "C",
    new_queue_id text collate "C",
    type text not null collate "C",
    source_id bigint not null,
    byte_offset bigint not null,
    byte_length bigint not null,
    load_id bigint not null
);
create index notification_new on waybill.notification (new_queue_id);
create index notification_key on waybill.notification (message_key);

create table waybill.log_session (
    host text collate "C",
    pid bigint not null,
    at timestamptz not null,
    peer text collate "C",
    outgoing boolean not null,
    wanted boolean not null,
    fact_id bigint,
    tls_version text collate "C",
    tls_cipher text collate "C",
    source_id bigint not null,
    load_id bigint not null
);

-- Raw messages --------------------------------------------------------------------------------------

create table waybill.message_log (
    sha256 bytea primary key,
    message_key bigint not null,
    message_id text collate "C",
    header_from text collate "C",
    return_path text collate "C",
    date timestamptz,
    subject text collate "C",
    folder text collate "C",
    mailbox text collate "C",
    host text collate "C",
    stored_at timestamptz,
    raw_bytes bigint not null,
    raw bytea not null,
    source_id bigint not null,
    byte_offset bigint not null,
    byte_length bigint not null,
    load_id bigint not null
);
create index message_log_key on waybill.message_log (message_key);

-- DMARC aggregate reports -----------------------------------------------------------------------------

create table waybill.dmarc_report (
    report_key bigint primary key,
    org_name text collate "C",
    email text collate "C",
    extra_contact_info text collate "C",
    report_id text collate "C",
    error text collate "C",
    generator text collate "C",
    version text collate "C",
    begin_at timestamptz,
    end_at timestamptz,
    domain text collate "C",
    p text collate "C",
    sp text collate "C",
    np text collate "C",
    adkim text collate "C",
    aspf text collate "C",
    fo text collate "C",
    testing text collate "C",
    discovery_method text collate "C",
    pct integer,
    extension text collate "C",
    problems text collate "C",
    records bigint not null,
    messages bigint not null,
    source_id bigint not null,
    byte_offset bigint not null,
    byte_length bigint not null,
    load_id bigint not null
);
create index dmarc_report_domain on waybill.dmarc_report (domain, begin_at);

create table waybill.dmarc_record (
    report_key bigint not null,
    seq integer not null,
    source_ip inet,
    raw_source_ip text collate "C",
    count bigint not null,
    disposition text collate "C",
    raw_disposition text collate "C",
    dkim text collate "C",
    raw_dkim text collate "C",
    spf text collate "C",
    raw_spf text collate "C",
    header_from text collate "C",
    envelope_from text collate "C",
    envelope_to text collate "C",
    reasons text collate "C",
    extension text collate "C",
    primary key (report_key, seq)
);
create index dmarc_record_ip on waybill.dmarc_record (source_ip);

create table waybill.dmarc_auth (
    report_key bigint not null,
    seq integer not null,
    position integer not null,
    method text not null collate "C",
    domain text collate "C",
    selector text collate "C",
    scope text collate "C",
    result text collate "C",
    raw_result text collate "C",
    human_result text collate "C",
    primary key (report_key, seq, position)
);

create table waybill.dmarc_failure (
    failure_key bigint primary key,
    journey_id bigint,
    at timestamptz,
    reported_domain text collate "C",
    reported_by text collate "C",
    source_ip inet,
    auth_failure text collate "C",
    delivery_result text collate "C",
    identity_alignment text collate "C",
    dkim_domain text collate "C",
    dkim_selector text collate "C",
    dkim_identity text collate "C",
    spf_dns text collate "C",
    original_mail_from text collate "C",
    original_rcpt_to text collate "C",
    original_message_id text collate "C",
    arrival_at timestamptz,
    incidents bigint,
    user_agent text collate "C",
    source_id bigint not null,
    byte_offset bigint not null,
    byte_length bigint not null
);

create table waybill.tls_report (
    report_key bigint primary key,
    organization_name text collate "C",
    contact_info text collate "C",
    report_id text collate "C",
    begin_at timestamptz,
    end_at timestamptz,
    source_id bigint not null,
    byte_offset bigint not null,
    byte_length bigint not null
);

create table waybill.tls_policy (
    report_key bigint not null,
    policy integer not null,
    policy_type text collate "C",
    policy_string text collate "C",
    policy_domain text collate "C",
    mx_host text collate "C",
    successful_sessions bigint,
    failed_sessions bigint,
    primary key (report_key, policy)
);

create table waybill.tls_failure (
    report_key bigint not null,
    policy integer not null,
    position integer not null,
    result_type text collate "C",
    sending_mta_ip inet,
    receiving_mx_hostname text collate "C",
    receiving_mx_helo text collate "C",
    receiving_ip inet,
    failed_sessions bigint,
    additional_information text collate "C",
    failure_reason_code text collate "C",
    primary key (report_key, policy, position)
);

create table waybill.dns_record (
    name text not null collate "C",
    type text not null collate "C",
    rdata text not null collate "C",
    rcode text not null collate "C",
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    origin text not null collate "C",
    primary key (name, type, rdata, rcode, origin)
);

-- What analyze writes ---------------------------------------------------------------------------------

create table waybill.analysis (
    "only" boolean primary key default true check ("only"),
    last_load_id bigint not null,
    analyzed_at timestamptz not null,
    dns text collate "C"
);

-- Which group a transit belongs to where its own message_key does not say so: parts without a birth,
-- messages without a Message-ID that queue ids link.
create table waybill.transit_link (
    transit_id bigint not null,
    message_key bigint not null,
    group_key bigint not null,
    root_transit_id bigint not null,
    primary key (transit_id, message_key)
);
create index transit_link_group on waybill.transit_link (group_key);

create table waybill.journey (
    journey_id bigint not null,
    group_key bigint not null,
    message_id text collate "C",
    mail_from text collate "C",
    header_from text collate "C",
    subject text collate "C",
    first_at timestamptz not null,
    last_at timestamptz not null,
    hops integer not null,
    recipients integer not null,
    outcome text not null collate "C",
    size bigint,
    about_journey_id bigint,
    about_type text collate "C"
) partition by range (first_at);
create table waybill.journey_default partition of waybill.journey default;

create table waybill.hop (
    journey_id bigint not null,
    group_key bigint not null,
    first_at timestamptz not null,
    seq integer not null,
    host text collate "C",
    queue_id text collate "C",
    transit_id bigint,
    client_name text collate "C",
    client_helo text collate "C",
    client_ip inet,
    protocol text collate "C",
    tls_version text collate "C",
    tls_cipher text collate "C",
    auth_user text collate "C",
    arrived_at timestamptz,
    left_at timestamptz,
    delay_s double precision,
    clock_skew boolean not null,
    seen_in text not null collate "C"
) partition by range (first_at);
create table waybill.hop_default partition of waybill.hop default;

create table waybill.delivery (
    journey_id bigint not null,
    group_key bigint not null,
    first_at timestamptz not null,
    recipient text not null collate "C",
    final_recipient text collate "C",
    outcome text not null collate "C",
    stage text collate "C",
    reason text collate "C",
    provider text collate "C",
    rule text collate "C",
    code smallint,
    enhanced text collate "C",
    reply text collate "C",
    decided_by text collate "C",
    decided_at timestamptz,
    attempts integer not null,
    first_attempt_at timestamptz,
    last_attempt_at timestamptz,
    delay_s double precision,
    placement text collate "C",
    receiver text collate "C",
    attempt_id bigint
) partition by range (first_at);
create table waybill.delivery_default partition of waybill.delivery default;

create table waybill.finding (
    journey_id bigint not null,
    group_key bigint not null,
    first_at timestamptz not null,
    hop_seq integer,
    stage text not null collate "C",
    severity text not null collate "C",
    code text not null collate "C",
    detail text collate "C"
) partition by range (first_at);
create table waybill.finding_default partition of waybill.finding default;

create table waybill.auth_result (
    journey_id bigint not null,
    group_key bigint not null,
    method text not null collate "C",
    domain text collate "C",
    selector text collate "C",
    result text not null collate "C",
    aligned boolean,
    reason text collate "C",
    said_by text not null collate "C",
    at timestamptz,
    message_sha256 bytea
);
create index auth_result_journey on waybill.auth_result (journey_id);
create index auth_result_group on waybill.auth_result (group_key);

create table waybill.journey_message (
    sha256 bytea primary key,
    journey_id bigint not null,
    group_key bigint not null
);
create index journey_message_journey on waybill.journey_message (journey_id);
create index journey_message_group on waybill.journey_message (group_key);

-- Groups to assemble anew, noted in one transaction and worked off in the next.
create table waybill.dirty_key (
    group_key bigint primary key
);

-- Partitions -------------------------------------------------------------------------------------------

create table waybill.partitioned (
    name text primary key collate "C",
    indexes text[] not null
);
comment on table waybill.partitioned is 'Tables partitioned by month, and the column lists of their indexes.';
insert into waybill.partitioned values
    ('transit', '{message_key}'),
    ('attempt_log', '{transit_id}'),
    ('refusal', '{at,message_id,queue_id}'),
    ('journey', '{journey_id,message_id,group_key}'),
    ('hop', '{journey_id,queue_id,transit_id}'),
    ('delivery', '{journey_id,recipient,first_at}'),
    ('finding', '{journey_id}');

create function waybill.ensure_month(table_name text, month date) returns void
language plpgsql as $$
declare
    part text := format('%s_%s', table_name, to_char(month, 'YYYYMM'));
begin
    if to_regclass('waybill.' || part) is null then
        execute format(
            'create table waybill.%I partition of waybill.%I for values from (%L) to (%L)', part, table_name,
            to_char(month, 'YYYY-MM-01 00:00:00"+00"'),
            to_char(month + interval '1 month', 'YYYY-MM-01 00:00:00"+00"'));
    end if;
end $$;
comment on function waybill.ensure_month(text, date) is
    'Makes the partition of a table for the month that begins at a date (UTC), if it is not there.';

create function waybill.index_partitions(tables text[] default null) returns integer
language plpgsql as $$
declare
    p record;
    col text;
    made integer := 0;
begin
    for p in
        select c.relname as part, t.indexes
        from waybill.partitioned t
        join pg_inherits i on i.inhparent = ('waybill.' || t.name)::regclass
        join pg_class c on c.oid = i.inhrelid
        where tables is null or t.name = any (tables)
    loop
        foreach col in array p.indexes loop
            if to_regclass(format('waybill.%I', p.part || '_' || col)) is null then
                execute format('create index %I on waybill.%I (%I)', p.part || '_' || col, p.part, col);
                made := made + 1;
            end if;
        end loop;
    end loop;
    -- the few transits that analyze has to link by hand
    for p in
        select c.relname as part from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'waybill.transit'::regclass and (tables is null or 'transit' = any (tables))
    loop
        if to_regclass(format('waybill.%I', p.part || '_loose')) is null then
            execute format('create index %I on waybill.%I (queue_id) where flags & 1 = 0 or message_id is null',
                           p.part || '_loose', p.part);
            made := made + 1;
        end if;
    end loop;
    -- notifications that are not yet joined to what they are about
    for p in
        select c.relname as part from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'waybill.journey'::regclass and (tables is null or 'journey' = any (tables))
    loop
        if to_regclass(format('waybill.%I', p.part || '_notice')) is null then
            execute format('create index %I on waybill.%I (journey_id) where mail_from = %L and about_journey_id is null',
                           p.part || '_notice', p.part, '');
            made := made + 1;
        end if;
    end loop;
    return made;
end $$;
create function waybill.index_links() returns void
language plpgsql as $$
declare
    p record;
begin
    for p in
        select c.relname as part, case i.inhparent when 'waybill.transit'::regclass then 'queue_id' else 'next_queue_id' end as col
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent in ('waybill.transit'::regclass, 'waybill.attempt_log'::regclass)
    loop
        if to_regclass(format('waybill.%I', p.part || '_' || p.col)) is null then
            execute format('create index %I on waybill.%I (%I)', p.part || '_' || p.col, p.part, p.col);
        end if;
    end loop;
end $$;
comment on function waybill.index_links() is
    'Makes the indexes by queue id that linking by hand needs; analyze calls it when there is something to link.';
comment on function waybill.index_partitions(text[]) is
    'Makes the indexes that partitions still lack; a load into a new month leaves them out on purpose.';
