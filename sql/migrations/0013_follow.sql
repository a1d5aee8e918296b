-- ingest --follow: commits every second, so that what it looks for must not cost a table.

-- Of each pipe that is followed, the bytes that were committed last: a process that is killed between its commit and
-- taking them out of the pipe finds them there again.
create table waybill.follow_mark (
    stream text primary key collate "C",
    bytes bigint not null,
    sha256 bytea not null,
    at timestamptz not null
);

-- Records that two sources tell alike are looked for by time.
update waybill.partitioned set indexes = indexes || '{brin:at}'::text[]
where name in ('attempt_log', 'verdict_log') and not indexes @> '{brin:at}';
create index notification_at on waybill.notification using brin (at);
-- The files by their names, for what was rotated while nobody followed.
create index source_path_path on waybill.source_path (path);
