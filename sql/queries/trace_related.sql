-- Journeys about this one (bounces, delay warnings), the one it is about, and others of the same Message-ID.  $1 journey id.
with this as materialized (
    select journey_id, about_journey_id, about_type, message_id
    from waybill.journey where journey_id = $1::bigint
), related as (
    select j.journey_id, coalesce(j.about_type, 'notification') as relation, 1 as rank
    from waybill.journey j where j.about_journey_id = $1::bigint
    union all
    select this.about_journey_id, coalesce(this.about_type, 'notification') || ' is about', 2
    from this where this.about_journey_id is not null
    union all
    select j.journey_id, 'same Message-ID', 3
    from this join waybill.journey j using (message_id)
)
select j.journey_id, r.relation, j.message_id, j.subject, j.mail_from, j.first_at, j.outcome
from (select distinct on (journey_id) journey_id, relation from related order by journey_id, rank) as r
join waybill.journey j using (journey_id)
where j.journey_id <> $1::bigint
order by j.first_at, j.journey_id
limit 100;
