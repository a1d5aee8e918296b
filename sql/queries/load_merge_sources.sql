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

-- What ended has handed out everything: nothing of it need be read again.
delete from waybill.follow_kept
where stream in (select k.stream from waybill.follow_kept k join stage_source s using (source_id) where s.state <> 'following');

insert into waybill.source_path as p
select distinct on (source_id, path) source_id, path, file_status from stage_path
order by source_id, path, file_status
on conflict (source_id, path) do update set file_status = excluded.file_status
where excluded.file_status is not null and p.file_status is distinct from excluded.file_status;
