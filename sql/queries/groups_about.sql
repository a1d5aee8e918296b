-- A notification is a journey of its own; this names the one it is about.
update waybill.journey j
set about_journey_id = a.journey_id, about_type = a.type
from (select distinct on (b.journey_id) b.journey_id as notice_id, o.journey_id, n.type
      from waybill.journey b
      join waybill.hop h on h.journey_id = b.journey_id and h.seq = 1
      join waybill.notification n on n.new_queue_id = h.queue_id and n.host is not distinct from h.host
       and h.arrived_at between n.at - interval '1 hour' and n.at + interval '1 hour'
      left join waybill.transit_link l on l.transit_id = n.transit_id and l.message_key = n.message_key
      join waybill.hop o on o.transit_id = coalesce(l.root_transit_id, n.transit_id)
      where b.mail_from = '' and b.about_journey_id is null
      order by b.journey_id, abs(extract(epoch from h.arrived_at - n.at)), o.journey_id) a
where j.journey_id = a.notice_id and j.mail_from = '' and j.about_journey_id is null
