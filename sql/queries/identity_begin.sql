-- How far addresses have been looked at.  $1 digest of the lists, $2 what --dns says (null: it asks nothing),
-- $3 everything anew.  Gives the batch after which reports are new (-1: look at all), and the last batch.
select case when s.rules = $1::bigint and ($2::text is null or s.dns is not distinct from $2) and not $3::boolean
            then s.last_load_id else -1 end,
       coalesce((select max(load_id) from waybill.dmarc_report), -1)
from (select 1) as one
left join waybill.source_identity_state s on true;
