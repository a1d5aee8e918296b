-- ingest --follow: raw lines that a run may have to read again when it is killed and they are gone where they stood (a
-- pipe that was emptied, a file that was truncated).  Few and short-lived.
create table waybill.follow_kept (
    stream text not null collate "C",
    position bigint not null,
    source_id bigint not null,
    begins_at bigint not null,
    bytes bytea not null,
    at timestamptz not null,
    primary key (stream, position)
);
