-- A notification that lies in a mailbox is a journey of its own; this names the one it is about, where no log did.
update waybill.journey j
set about_journey_id = d.journey_id,
    about_type = case d.action when 'failed' then 'bounce' when 'delayed' then 'delay' else 'success' end
from (select distinct on (d.dsn_key) d.message_id, d.journey_id, r.action
      from waybill.dsn d join waybill.dsn_recipient r using (dsn_key)
      where d.journey_id is not null and d.message_id is not null
      order by d.dsn_key, r.action <> 'failed', r.action <> 'delayed', r.position) d
where j.message_id = d.message_id and j.about_journey_id is null and j.journey_id <> d.journey_id
