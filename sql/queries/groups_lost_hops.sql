-- Hops that only an acceptance shows, on hosts of ours.
-- $1, $2: times between which the new logs lie, $3: now, $4: grace period in seconds.
create temp table lost_hop as
    select h.journey_id, h.group_key, h.first_at, h.arrived_at, h.queue_id
    from waybill.hop h
    where h.transit_id is null and h.seen_in = 'log' and h.queue_id is not null
      and exists (select from lost_own o where o.relay = lower(h.host))
      and h.first_at between $1::timestamptz and $2::timestamptz
      and h.arrived_at < $3::timestamptz - make_interval(secs => $4::double precision)
