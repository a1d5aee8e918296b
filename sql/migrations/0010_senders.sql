-- Who sends: what is known of the addresses in DMARC reports; and reports that came again with another content.
create table waybill.source_identity (
    ip inet primary key,
    standing text not null collate "C",
    service text collate "C",
    title text collate "C",
    kind text collate "C",
    known_by text collate "C",
    mark text collate "C",
    ptr text collate "C",
    ptr_status text collate "C",
    confirmed boolean,
    org_domain text collate "C",
    country text collate "C",
    asn bigint,
    as_name text collate "C",
    seen_at timestamptz not null
);
create index source_identity_service on waybill.source_identity (service);

-- How far the addresses have been looked at, and by which lists.
create table waybill.source_identity_state (
    "only" boolean primary key check ("only"),
    last_load_id bigint not null,
    rules bigint not null,
    dns text collate "C"
);

create table waybill.dmarc_resend (
    report_key bigint not null,
    content bigint not null,
    counts boolean not null,
    records bigint not null,
    messages bigint not null,
    passed bigint not null,
    source_id bigint not null,
    byte_offset bigint not null,
    byte_length bigint not null,
    load_id bigint not null,
    primary key (report_key, content)
);

create index dmarc_report_load on waybill.dmarc_report (load_id);
create index dmarc_report_begin on waybill.dmarc_report (begin_at);
create index tls_report_begin on waybill.tls_report (begin_at);

do $$ begin
    if exists (select from pg_roles where rolname = 'waybill_reader') then
        grant select on waybill.source_identity, waybill.source_identity_state, waybill.dmarc_resend to waybill_reader;
    end if;
end $$;
