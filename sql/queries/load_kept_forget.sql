-- Nothing of a stream need be kept any more.  $1: stream.
delete from waybill.follow_kept where stream = $1
