-- Verdicts without keys that look for their transit: new ones, and those of a time of which new logs tell.
-- $1: last load analyzed, $2: last one to take.
create temp table loose_verdict on commit drop as
with span as (
    select min(first_at) - interval '1 hour' as since, max(last_at) + interval '1 hour' as until
    from waybill.source where load_id > $1::bigint
)
select v.verdict_id, v.at, coalesce(v.host, '') as host, v.queue_id, v.client_ip, lower(replace(v.mail_from, '"', '')) as sender
from waybill.verdict_log v
where v.message_key is null and v.load_id <= $2::bigint and v.action is distinct from 'greylist'
  and v.at between (select since from span) and (select until from span)
  and (v.load_id > $1::bigint or exists (
      select from waybill.source s
      where s.load_id > $1::bigint and v.at between s.first_at - interval '1 hour' and s.last_at + interval '1 hour'))
  and not exists (select from waybill.verdict_link k where k.verdict_id = v.verdict_id and k.at = v.at)
