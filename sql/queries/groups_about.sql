-- A notification is a journey of its own; this names the one it is about.
update waybill.journey j
set about_journey_id = a.journey_id, about_type = a.type
from (select distinct on (h.journey_id) h.journey_id as notice_id, o.journey_id, n.type
      from waybill.notification n
      join waybill.hop h on h.queue_id = n.new_queue_id and h.host is not distinct from n.host and h.seq = 1
      left join waybill.transit_link l on l.transit_id = n.transit_id and l.message_key = n.message_key
      join waybill.hop o on o.transit_id = coalesce(l.root_transit_id, n.transit_id)
      where n.new_queue_id is not null and h.arrived_at between n.at - interval '1 hour' and n.at + interval '1 hour'
      order by h.journey_id, o.journey_id) a
where j.journey_id = a.notice_id
  and (j.about_journey_id is distinct from a.journey_id or j.about_type is distinct from a.type)
