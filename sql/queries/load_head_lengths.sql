-- The lengths of the heads by which sources are known.
select distinct head_length from waybill.source where head_length < 4096 order by 1 desc
