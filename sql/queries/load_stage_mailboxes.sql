-- How far mailboxes were read.  Emptied by every commit.
create temp table if not exists stage_mailbox (like waybill.mailbox, instance bigint) on commit delete rows;
create temp table if not exists stage_mailbox_pending (like waybill.mailbox_pending) on commit delete rows
