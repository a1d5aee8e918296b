-- How many aggregate reports of this batch went to their table straight away.  $1 load id.
select count(*) from waybill.dmarc_report where load_id = $1::bigint
