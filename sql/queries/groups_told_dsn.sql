-- Names the journey that a notification is about: of its group the one with its recipient, else the first.  In steps
-- with statistics, and by equal addresses alone: thousands may tell of one message to tens of thousands.
begin;
create temp table told_dsn on commit drop as
    select d.dsn_key, coalesce(l.group_key, d.message_key) as group_key, d.at
    from waybill.dsn d left join waybill.dsn_link l using (dsn_key)
    where d.journey_id is null;
analyze told_dsn;
create temp table told_journey on commit drop as
    select j.group_key, j.journey_id, j.first_at, count(*) over (partition by j.group_key) as journeys
    from (select distinct group_key from told_dsn) d
    join waybill.journey j using (group_key);
analyze told_journey;
create temp table told_address on commit drop as
    select distinct j.group_key, j.journey_id, lower(a.address) as address
    from told_journey j
    join waybill.delivery y on y.journey_id = j.journey_id and y.first_at = j.first_at
    cross join lateral (values (y.recipient), (y.final_recipient)) a (address)
    where j.journeys > 1 and a.address is not null;
analyze told_address;
create temp table told_match on commit drop as
    select distinct d.dsn_key, a.journey_id
    from told_dsn d
    join waybill.dsn_recipient r using (dsn_key)
    join told_address a on a.group_key = d.group_key and a.address = lower(r.recipient);
analyze told_match;
update waybill.dsn d set journey_id = f.journey_id
from (select distinct on (d.dsn_key) d.dsn_key, j.journey_id
      from told_dsn d
      join told_journey j using (group_key)
      left join told_match m on m.dsn_key = d.dsn_key and m.journey_id = j.journey_id
      order by d.dsn_key, (m.journey_id is null), j.first_at > d.at, j.first_at, j.journey_id) f
where d.dsn_key = f.dsn_key and d.journey_id is null;
commit
