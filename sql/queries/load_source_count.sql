-- How many sources are known, counted up to $1.
select count(*) from (select from waybill.source limit $1::integer) s
