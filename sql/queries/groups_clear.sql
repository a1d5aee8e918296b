-- What is assembled anew goes first.
create temp table stale on commit drop as
select j.journey_id from waybill.journey j join waybill.dirty_key d on d.group_key = j.group_key and d.known;
analyze stale;
delete from waybill.waiting w using waybill.dirty_key d where w.group_key = d.group_key;
delete from waybill.hop h using stale s where h.journey_id = s.journey_id;
delete from waybill.delivery h using stale s where h.journey_id = s.journey_id;
delete from waybill.finding h using stale s where h.journey_id = s.journey_id;
delete from waybill.auth_result h using stale s where h.journey_id = s.journey_id;
delete from waybill.journey_verdict h using stale s where h.journey_id = s.journey_id;
delete from waybill.journey_message h using stale s where h.journey_id = s.journey_id;
delete from waybill.journey h using stale s where h.journey_id = s.journey_id
;
-- who was about one of these looks for it again
update waybill.journey j set about_journey_id = null, about_type = null
from stale s where j.about_journey_id = s.journey_id;
update waybill.dsn d set journey_id = null from stale s where d.journey_id = s.journey_id;
update waybill.complaint d set journey_id = null from stale s where d.journey_id = s.journey_id;
update waybill.dmarc_failure d set journey_id = null from stale s where d.journey_id = s.journey_id
