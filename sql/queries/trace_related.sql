-- Journeys about this one (bounces, delay warnings), the one it is about, and others of the same Message-ID.  $1 journey id.
with this as (
    select journey_id, about_journey_id, about_type, message_id
    from waybill.journey where journey_id = $1::bigint
)
select j.journey_id, case
           when j.about_journey_id = this.journey_id then coalesce(j.about_type, 'notification')
           when j.journey_id = this.about_journey_id then coalesce(this.about_type, 'notification') || ' is about'
           else 'same Message-ID' end as relation,
       j.message_id, j.subject, j.mail_from, j.first_at, j.outcome
from this
join waybill.journey j on j.journey_id <> this.journey_id
    and (j.about_journey_id = this.journey_id or j.journey_id = this.about_journey_id
         or j.message_id = this.message_id)
order by j.first_at, j.journey_id
limit 100;
