-- It is done.  $1 host, $2 user, $3 folder, $4 UIDVALIDITY, $5 UIDs.
delete from waybill.mailbox_pending
where host = $1 and username = $2 and folder = $3 and uidvalidity = $4::bigint and uid = any ($5::bigint[])
