-- Every finding of the period.  $1 since, $2 until.
select f.first_at as at, f.stage, f.severity, f.code, f.journey_id, h.host, j.mail_from, j.message_id, f.detail
from waybill.finding f
left join waybill.journey j on j.journey_id = f.journey_id and j.first_at = f.first_at
left join waybill.hop h on h.journey_id = f.journey_id and h.first_at = f.first_at and h.seq = f.hop_seq
where f.first_at >= coalesce($1::timestamptz, '-infinity') and f.first_at < coalesce($2::timestamptz, 'infinity')
order by f.first_at, f.journey_id, f.severity, f.stage, f.code, f.detail, f.hop_seq;
