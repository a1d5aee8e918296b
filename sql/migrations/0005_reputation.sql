-- What receivers say of a sender's domain or address, by day: Google Postmaster Tools, Microsoft SNDS.
create table waybill.reputation (
    reputation_id bigint primary key,
    provider text not null collate "C",
    subject_kind text not null collate "C",
    subject text not null collate "C",
    ip inet,
    domain text collate "C",
    begin_at timestamptz not null,
    end_at timestamptz,
    reputation text collate "C",
    spam_rate double precision,
    spf_rate double precision,
    dkim_rate double precision,
    dmarc_rate double precision,
    tls_in_rate double precision,
    tls_out_rate double precision,
    rcpt_commands bigint,
    data_commands bigint,
    recipients bigint,
    trap_hits bigint,
    detail text collate "C",
    source_id bigint not null,
    byte_offset bigint not null,
    byte_length bigint not null,
    load_id bigint not null
);
create index reputation_begin on waybill.reputation (begin_at);
