create or replace view waybill.verdict as
select j.journey_id, j.hop_seq, v.at, v.host, v.engine, v.kind, v.action, v.score, v.required, v.tests, v.method, v.domain,
       v.selector, v.result, v.reason, v.detail, v.recipient, v.mailbox, v.code, v.enhanced, v.reply, coalesce(j.decides, false) as decides,
       v.queue_id, v.message_id, v.next_queue_id, v.session, v.client_ip, v.mail_from, v.verdict_id, v.source_id,
       v.byte_offset, v.byte_length
from waybill.verdict_log v
left join waybill.journey_verdict j using (verdict_id)
where v.kind <> 'engagement';

-- What readers did.  Proxies that fetch everything before anybody reads it (Apple Mail Privacy Protection, image
-- proxies, link scanners) look like readers: prefetch says where the user agent betrays one.
create or replace view waybill.engagement as
select j.journey_id, v.at, v.message_id, v.recipient, v.action as type, v.client_ip as ip, v.user_agent,
       coalesce(v.user_agent = 'Mozilla/5.0' or v.user_agent ~* '(GoogleImageProxy|ggpht|YahooMailProxy|Barracuda|Proofpoint|Mimecast|bot\M|crawler|HeadlessChrome)', false) as prefetch,
       v.detail, v.host, v.engine, v.queue_id, v.verdict_id, v.source_id, v.byte_offset, v.byte_length
from waybill.verdict_log v
left join waybill.journey_verdict j using (verdict_id)
where v.kind = 'engagement';
