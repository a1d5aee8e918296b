-- Names the journey that a failure report is about.
update waybill.dmarc_failure c set journey_id = f.journey_id
from (select distinct on (c.failure_key) c.failure_key, j.journey_id
      from waybill.dmarc_failure c
      join waybill.journey j on j.group_key = c.message_key
      where c.journey_id is null
      order by c.failure_key, j.first_at > coalesce(c.arrival_at, c.at), j.first_at, j.journey_id) f
where c.failure_key = f.failure_key and c.journey_id is null
