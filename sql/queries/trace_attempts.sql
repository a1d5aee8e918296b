-- Every try to hand on a recipient, with the hop that tried.  $1 journey id.
with h as materialized (
    select seq, host, queue_id, transit_id, group_key
    from waybill.hop
    where journey_id = $1::bigint and transit_id is not null
), t as (
    select seq, host, queue_id, transit_id from h
    union
    select h.seq, h.host, h.queue_id, l.transit_id
    from h join waybill.transit_link l on l.group_key = h.group_key and l.root_transit_id = h.transit_id
)
select t.seq as hop_seq, a.recipient, a.orig_recipient, a.at, a.relay_host, a.relay_ip, a.relay_port, a.result, a.local,
       a.code, a.enhanced, a.reply, a.next_queue_id, a.delay_s, a.delay_queue_s, a.delay_active_s, a.delay_connect_s,
       a.delay_transmit_s, a.tls_version, a.tls_cipher, a.stage, a.reason, a.provider, a.rule, a.attempt_id
from t join waybill.attempt_log a using (transit_id)
order by t.seq, a.at, a.recipient, a.attempt_id
limit 100000;
