-- Rows that two sources tell alike are kept once: the one with the finer time, else that of the source
-- with the lower id, whichever came first.  $1: source_id of a source of this batch,
-- $2, $3: the times to look at, else the source's.
with doomed as (
    delete from waybill.refusal x
    using waybill.refusal y
    where x.refusal_id = y.refusal_id and x.source_id <> y.source_id
      and (x.source_id = $1::bigint or y.source_id = $1::bigint)
      and x.at >= coalesce($2::timestamptz, (select first_at from waybill.source where source_id = $1::bigint)) - interval '1 second'
      and x.at <= coalesce($3::timestamptz, (select last_at from waybill.source where source_id = $1::bigint)) + interval '1 second'
      and y.at >= coalesce($2::timestamptz, (select first_at from waybill.source where source_id = $1::bigint)) - interval '1 second'
      and y.at <= coalesce($3::timestamptz, (select last_at from waybill.source where source_id = $1::bigint)) + interval '1 second'
      and (y.at > x.at or (y.at = x.at and y.source_id < x.source_id))
    returning 1
)
select count(*) from doomed
