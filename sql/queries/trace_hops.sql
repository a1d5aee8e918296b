-- The hosts that a journey passed.  $1 journey id.
select seq, host, queue_id, client_name, client_helo, client_ip, protocol, tls_version, tls_cipher, auth_user, arrived_at,
       left_at, delay_s, clock_skew, seen_in
from waybill.hop
where journey_id = $1::bigint
order by seq, arrived_at
limit 1000;
