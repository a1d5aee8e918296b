-- In two branches, so that a journey's attempts are found by index: those whose own key names the group, and
-- those that analyze linked by hand.
create or replace view waybill.attempt as
select h.journey_id, h.seq as hop_seq, a.recipient, a.at, a.relay_host, a.relay_ip, a.relay_port, a.result,
       a.code, a.enhanced, a.reply, a.next_queue_id, a.delay_s,
       array[a.delay_queue_s, a.delay_active_s, a.delay_connect_s, a.delay_transmit_s] as delay_parts,
       a.tls_version, a.tls_cipher, a.orig_recipient, a.stage, a.reason, a.provider, a.rule, a.local,
       h.host, h.queue_id, a.attempt_id, a.source_id, a.byte_offset, a.byte_length,
       h.first_at
from waybill.hop h
join waybill.attempt_log a on a.transit_id = h.transit_id and a.message_key = h.group_key
where not exists (select from waybill.transit_link l
                  where l.transit_id = a.transit_id and l.message_key = a.message_key)
union all
select h.journey_id, h.seq as hop_seq, a.recipient, a.at, a.relay_host, a.relay_ip, a.relay_port, a.result,
       a.code, a.enhanced, a.reply, a.next_queue_id, a.delay_s,
       array[a.delay_queue_s, a.delay_active_s, a.delay_connect_s, a.delay_transmit_s] as delay_parts,
       a.tls_version, a.tls_cipher, a.orig_recipient, a.stage, a.reason, a.provider, a.rule, a.local,
       h.host, h.queue_id, a.attempt_id, a.source_id, a.byte_offset, a.byte_length,
       h.first_at
from waybill.transit_link l
join waybill.hop h on h.group_key = l.group_key and h.transit_id = l.root_transit_id
join waybill.attempt_log a on a.transit_id = l.transit_id and a.message_key = l.message_key;
