-- What is kept of a stream, in its order.  $1: stream.
select position, encode(bytes, 'hex'), source_id, begins_at from waybill.follow_kept where stream = $1 order by position
