-- The deliveries and the acceptances of their journeys.
analyze lost_hop;
create temp table lost_delivery as
    select d.journey_id, d.first_at, d.attempt_id, d.recipient, d.reply
    from (select distinct journey_id, first_at from lost_hop) h
    join waybill.delivery d on d.journey_id = h.journey_id and d.first_at = h.first_at
    where d.outcome = 'accepted' and d.attempt_id is not null;
create temp table lost_attempt as
    select a.journey_id, a.attempt_id, a.next_queue_id, lower(a.relay_host) as relay_host, host(a.relay_ip) as relay_ip
    from (select distinct journey_id from lost_hop) h
    join waybill.attempt a on a.journey_id = h.journey_id
    where a.next_queue_id is not null;
analyze lost_delivery, lost_attempt;
