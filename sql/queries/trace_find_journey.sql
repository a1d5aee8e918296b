-- $1 journey id.
select journey_id, first_at from waybill.journey where journey_id = $1::bigint order by first_at;
