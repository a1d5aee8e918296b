-- Names the journey that a complaint is about.
update waybill.complaint c set journey_id = f.journey_id
from (select distinct on (c.complaint_key) c.complaint_key, j.journey_id
      from waybill.complaint c
      join waybill.journey j on j.group_key = c.message_key
      where c.journey_id is null
      order by c.complaint_key, j.first_at > coalesce(c.arrival_at, c.at), j.first_at, j.journey_id) f
where c.complaint_key = f.complaint_key and c.journey_id is null
