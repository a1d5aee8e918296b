-- Journeys of this run that may be notifications: groups_about.sql these, and what is told of journeys assembled anew, are all it looks at.
create temp table if not exists notice_now (journey_id bigint, first_at timestamptz) on commit preserve rows;
truncate pg_temp.notice_now
