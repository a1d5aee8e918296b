-- The beginning of a stored message, for where its file is gone.  $1 its SHA-256 in hex; $2 bytes.
select encode(substring(raw for $2::integer), 'hex') as head from waybill.message_log where sha256 = decode($1, 'hex');
