-- The same for notifications.  $1: source_id of a source of this batch; $2, $3 as there.
with doomed as (
    delete from waybill.notification x
    using waybill.notification y
    where ($2::timestamptz is null or x.at >= $2::timestamptz - interval '1 second')
      and ($3::timestamptz is null or x.at <= $3::timestamptz + interval '1 second')
      and x.source_id <> y.source_id and (x.source_id = $1 or y.source_id = $1)
      and x.queue_id = y.queue_id and x.new_queue_id is not distinct from y.new_queue_id and x.type = y.type
      and x.host is not distinct from y.host and date_trunc('second', x.at) = date_trunc('second', y.at)
      and (y.at > x.at or (y.at = x.at and y.source_id < x.source_id))
    returning 1
)
select count(*) from doomed
