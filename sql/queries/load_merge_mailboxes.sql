insert into waybill.mailbox
select distinct on (host, username, folder) host, username, folder, uidvalidity, last_uid, read_at
from stage_mailbox order by host, username, folder, instance desc
on conflict (host, username, folder) do update
set uidvalidity = excluded.uidvalidity, last_uid = excluded.last_uid, read_at = excluded.read_at;

insert into waybill.mailbox_pending select * from stage_mailbox_pending on conflict do nothing;
