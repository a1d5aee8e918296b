truncate waybill.relay_host, waybill.waiting, waybill.journey, waybill.hop, waybill.delivery, waybill.finding, waybill.auth_result, waybill.journey_message, waybill.journey_verdict;
update waybill.dsn set journey_id = null where journey_id is not null;
update waybill.complaint set journey_id = null where journey_id is not null;
update waybill.dmarc_failure set journey_id = null where journey_id is not null
