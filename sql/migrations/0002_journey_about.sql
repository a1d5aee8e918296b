-- From a message to the bounces and warnings that tell of it.  Few journeys are about another, so the
-- index costs a load nothing.
create index journey_about on waybill.journey (about_journey_id) where about_journey_id is not null;
