select d.group_key, t.*
from waybill.dirty_key d
join waybill.loose_transit t on t.message_key = d.group_key and not t.named
where not exists (select from waybill.transit_link l where l.transit_id = t.transit_id and l.message_key = t.message_key)
union all
select d.group_key, t.*
from waybill.dirty_key d
join waybill.transit_link l on l.group_key = d.group_key
join waybill.loose_transit t on t.transit_id = l.transit_id and t.message_key = l.message_key and not t.named
