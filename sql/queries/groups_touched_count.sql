-- Whether any queue id is to be looked at, and whether any looks for what may have lived long.
select exists (select from touched),
       exists (select from touched q join waybill.loose_transit l using (queue_id) where l.flags & 33554433 = 0)
           or exists (select from touched q join waybill.loose_transit l on l.orig_queue_id = q.queue_id)
