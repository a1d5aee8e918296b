-- TLS reports that came more than once with different contents, as waybill.dmarc_resend has it of DMARC reports.
create table waybill.tls_resend (
    report_key bigint not null,
    content bigint not null,
    counts boolean not null,
    policies bigint not null,
    failures bigint not null,
    successful_sessions bigint not null,
    failed_sessions bigint not null,
    source_id bigint not null,
    byte_offset bigint not null,
    byte_length bigint not null,
    load_id bigint not null,
    primary key (report_key, content)
);

do $$ begin
    if exists (select from pg_roles where rolname = 'waybill_reader') then
        grant select on waybill.tls_resend to waybill_reader;
    end if;
end $$;
