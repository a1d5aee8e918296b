-- Rows that two sources tell alike are kept once: the one with the finer time, else that of the source
-- with the lower id, whichever came first.  $1: source_id of a source of this batch,
-- $2, $3: the times to look at, else the source's.
with span as (select coalesce($2::timestamptz, first_at) - interval '1 second' as since,
                     coalesce($3::timestamptz, last_at) + interval '1 second' as until
              from waybill.source where source_id = $1),
doomed as (
    delete from waybill.verdict_log x
    using waybill.verdict_log y, span
    where x.verdict_id = y.verdict_id and x.source_id <> y.source_id
      and (x.source_id = $1 or y.source_id = $1)
      and x.at between span.since and span.until and y.at between span.since and span.until
      and (y.at > x.at or (y.at = x.at and y.source_id < x.source_id))
    returning 1
)
select count(*) from doomed
