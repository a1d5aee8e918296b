-- What was committed of a pipe last.  $1: stream.
select bytes, encode(sha256, 'hex') from waybill.follow_mark where stream = $1
