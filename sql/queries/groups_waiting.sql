-- Messages that were too young to be lost, and no longer are.  $1: now.
insert into waybill.dirty_key (group_key, known)
select distinct group_key, true from waybill.waiting where due <= $1::timestamptz
on conflict do nothing
