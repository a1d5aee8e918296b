-- The deliveries and the acceptances of their journeys.
analyze lost_hop;
create temp table lost_delivery as
    select d.journey_id, d.first_at, d.attempt_id, d.recipient, d.reply
    from (select distinct journey_id, first_at from lost_hop) h
    join waybill.delivery d on d.journey_id = h.journey_id and d.first_at = h.first_at
    where d.outcome = 'accepted' and d.attempt_id is not null;
-- The attempts, as the view has them, which would be joined as a whole.
create temp table lost_root as
    select h.journey_id, h.group_key, h.transit_id
    from (select distinct journey_id, first_at from lost_hop) l
    join waybill.hop h on h.journey_id = l.journey_id and h.first_at = l.first_at
    where h.transit_id is not null;
analyze lost_root;
create temp table lost_link as -- of whole groups, each read once: one group may have as many links as journeys
    select l.*
    from (select distinct group_key from lost_root) g
    join waybill.transit_link l using (group_key);
analyze lost_link;
create temp table lost_transit as
    select r.journey_id, r.transit_id, r.group_key as message_key
    from lost_root r
    where not exists (select from waybill.transit_link l where l.transit_id = r.transit_id and l.message_key = r.group_key)
    union all
    select r.journey_id, l.transit_id, l.message_key
    from lost_root r
    join lost_link l on l.group_key = r.group_key and l.root_transit_id = r.transit_id;
analyze lost_transit;
create temp table lost_attempt as
    select t.journey_id, a.attempt_id, a.next_queue_id, lower(a.relay_host) as relay_host, host(a.relay_ip) as relay_ip
    from lost_transit t
    join waybill.attempt_log a using (transit_id, message_key)
    where a.next_queue_id is not null;
drop table pg_temp.lost_root, pg_temp.lost_link, pg_temp.lost_transit;
analyze lost_delivery, lost_attempt;
