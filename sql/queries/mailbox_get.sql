-- How far a folder was read.  $1 host, $2 user, $3 folder.
select uidvalidity, last_uid from waybill.mailbox where host = $1 and username = $2 and folder = $3
