-- What is assembled anew goes first.
delete from waybill.journey using waybill.dirty_key d where journey.group_key = d.group_key;
delete from waybill.hop using waybill.dirty_key d where hop.group_key = d.group_key;
delete from waybill.delivery using waybill.dirty_key d where delivery.group_key = d.group_key;
delete from waybill.finding using waybill.dirty_key d where finding.group_key = d.group_key;
delete from waybill.auth_result using waybill.dirty_key d where auth_result.group_key = d.group_key;
delete from waybill.journey_message using waybill.dirty_key d where journey_message.group_key = d.group_key
