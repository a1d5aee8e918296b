create or replace view waybill.attempt as
select h.journey_id, h.seq as hop_seq, a.recipient, a.at, a.relay_host, a.relay_ip, a.relay_port, a.result,
       a.code, a.enhanced, a.reply, a.next_queue_id, a.delay_s,
       array[a.delay_queue_s, a.delay_active_s, a.delay_connect_s, a.delay_transmit_s] as delay_parts,
       a.tls_version, a.tls_cipher, a.orig_recipient, a.stage, a.reason, a.provider, a.rule, a.local,
       h.host, h.queue_id, a.attempt_id
from waybill.attempt_log a
left join waybill.transit_link l using (transit_id, message_key)
join waybill.hop h on h.transit_id = coalesce(l.root_transit_id, a.transit_id);
