-- The account of a run.  $1 start, $2 arguments, $3 state, then the counts.
insert into waybill.ingest_run (ended_at, started_at, arguments, state, files, known_files, unknown_files,
                                unreadable_files, bytes, reports_found, reports_imported, reports_duplicate,
                                reports_partly, reports_rejected, not_reports, records, rejects)
values (clock_timestamp(), $1::timestamptz, $2, $3, $4::bigint, $5::bigint, $6::bigint, $7::bigint, $8::bigint,
        $9::bigint, $10::bigint, $11::bigint, $12::bigint, $13::bigint, $14::bigint, $15::bigint, $16::bigint)
