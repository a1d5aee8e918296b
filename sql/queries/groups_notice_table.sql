-- Journeys of this run that may be notifications.  These, and what notifications of journeys that were assembled anew
-- led to, are all that groups_about.sql looks at.
create temp table if not exists notice_now (journey_id bigint, first_at timestamptz) on commit preserve rows;
truncate pg_temp.notice_now
