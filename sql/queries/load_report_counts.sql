-- What became of the reports of this batch, before it is committed.  Aggregate reports that were new went to their
-- table straight away.  $1 load id.
with staged as (
    select report_key as key, 1 as kind from stage_report
    union all select report_key, 2 from stage_tls_report
    union all select failure_key, 3 from stage_failure
    union all select complaint_key, 4 from stage_complaint
    union all select dsn_key, 5 from stage_dsn
), fresh as (
    select r.report_key as key, 1 as kind from waybill.dmarc_report r
    where r.load_id = $1::bigint
    union all select r.report_key, 2 from waybill.tls_report r
    where r.report_key in (select key from staged where kind = 2) and r.load_id = $1::bigint
    union all select r.failure_key, 3 from waybill.dmarc_failure r
    where r.failure_key in (select key from staged where kind = 3) and r.load_id = $1::bigint
    union all select r.complaint_key, 4 from waybill.complaint r
    where r.complaint_key in (select key from staged where kind = 4) and r.load_id = $1::bigint
    union all select r.dsn_key, 5 from waybill.dsn r
    where r.dsn_key in (select key from staged where kind = 5) and r.load_id = $1::bigint
)
select (select count(*) from fresh) as imported, (select count(*) from staged) as found
