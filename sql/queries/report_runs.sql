-- The runs of ingest, the latest first.  $1 since, $2 until.
select started_at, state, files, known_files, unknown_files, unreadable_files, reports_found, reports_imported, reports_duplicate, reports_partly,
       reports_rejected, not_reports, rejects, arguments
from waybill.ingest_run
where ended_at >= coalesce($1::timestamptz, '-infinity') and started_at < coalesce($2::timestamptz, 'infinity')
order by ended_at desc;
