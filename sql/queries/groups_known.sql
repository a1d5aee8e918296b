-- Which dirty groups have rows of earlier loads: all that analyze saw has a journey.  One look into the index
-- for each (limit keeps it from becoming a join over all journeys).
update waybill.dirty_key d set known = true
where not known and (select true from waybill.journey j where j.group_key = d.group_key limit 1);
analyze waybill.dirty_key
