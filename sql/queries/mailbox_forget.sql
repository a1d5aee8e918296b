-- The folder's numbering began anew: old numbers name nothing any more.
-- $1 host, $2 user, $3 folder, $4 the new UIDVALIDITY.
delete from waybill.mailbox_pending
where host = $1 and username = $2 and folder = $3 and uidvalidity <> $4::bigint
