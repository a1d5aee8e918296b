-- The latest journeys to a recipient, the newest last, how many there are, and how most logs write it.  $1 the address.
select journey_id, first_at, of, recipient
from (select journey_id, first_at, count(*) over () as of, max(recipient) over () as recipient
      from (select journey_id, first_at, max(recipient) as recipient
            from waybill.delivery
            where recipient in ($1, lower($1))
            group by 1, 2) as each
      order by first_at desc, journey_id
      limit 10) as latest
order by first_at, journey_id;
