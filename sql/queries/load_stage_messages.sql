-- Messages.  Emptied by every commit.
create temp table if not exists stage_message (like waybill.message_log) on commit delete rows
