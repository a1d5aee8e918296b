-- What filters, authentication checks and delivery agents said of a journey, and what its readers did.  $1 journey id.
with j as materialized (
    select distinct verdict_id, hop_seq, decides from waybill.journey_verdict where journey_id = $1::bigint
)
select j.hop_seq, v.at, v.host, v.engine, v.kind, v.action, v.score, v.required, v.tests, v.method, v.domain, v.selector,
       v.result, v.reason, v.detail, v.recipient, v.mailbox, v.code, v.enhanced, v.reply, j.decides, v.user_agent,
       v.client_ip as ip
from j join waybill.verdict_log v using (verdict_id)
order by v.at, v.host, v.engine, v.verdict_id
limit 500;
