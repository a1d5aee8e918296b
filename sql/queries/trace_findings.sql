-- The findings on a journey, in the order of the chain.  $1 journey id.
select f.hop_seq, f.stage, f.severity, f.code, f.detail
from waybill.finding f
left join waybill.stage_word s using (stage)
where f.journey_id = $1::bigint
order by array_position(array['failure', 'degradation', 'note'], f.severity), s.ord, f.hop_seq, f.code, f.detail
limit 500;
