-- Names the journey that a notification is about: of its group the one with its recipient, else the first.
update waybill.dsn d set journey_id = f.journey_id
from (select distinct on (d.dsn_key) d.dsn_key, j.journey_id
      from waybill.dsn d
      left join waybill.dsn_link l using (dsn_key)
      join waybill.journey j on j.group_key = coalesce(l.group_key, d.message_key)
      left join waybill.dsn_recipient r on r.dsn_key = d.dsn_key
      left join waybill.delivery y on y.journey_id = j.journey_id and lower(r.recipient) in (lower(y.recipient), lower(y.final_recipient))
      where d.journey_id is null
      order by d.dsn_key, (y.journey_id is null), j.first_at > d.at, j.first_at, j.journey_id) f
where d.dsn_key = f.dsn_key and d.journey_id is null
