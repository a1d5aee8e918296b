-- Groups with results that other DNS records may change: unknown ones, and those judged by records of another time.
-- $1: the DNS source of the analysis that is to come (nothing is done where the last one had the same); '' after an
-- import.
insert into waybill.dirty_key (group_key)
select distinct group_key from waybill.auth_result
where said_by = 'waybill' and (result in ('unknown', 'temperror') or records_age_s > 0)
  and ($1 = '' or exists (select from waybill.analysis where dns is distinct from $1))
on conflict do nothing
