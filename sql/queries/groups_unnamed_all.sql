select coalesce(l.group_key, t.message_key) as group_key, t.*
from waybill.loose_transit t
left join waybill.transit_link l on l.transit_id = t.transit_id and l.message_key = t.message_key
where not t.named
