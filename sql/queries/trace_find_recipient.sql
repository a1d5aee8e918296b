-- The latest journeys to a recipient, the newest last, and how many there are.  $1 the address.
select journey_id, first_at, of
from (select journey_id, first_at, count(*) over () as of
      from (select distinct journey_id, first_at
            from waybill.delivery
            where recipient in ($1, lower($1))) as each
      order by first_at desc, journey_id
      limit 10) as latest
order by first_at, journey_id;
