-- Messages of a folder whose rows are there and with which something is still to be done.
-- $1 host, $2 user, $3 folder, $4 UIDVALIDITY, $5 how many.
select uid from waybill.mailbox_pending
where host = $1 and username = $2 and folder = $3 and uidvalidity = $4::bigint
order by uid
limit $5::integer
