-- After a run that was killed behind its commit: what it did not come to name.
insert into pg_temp.notice_now
select j.journey_id, j.first_at from waybill.journey j
where (j.mail_from = '' or j.mail_from like 'double-bounce%') and j.about_journey_id is null
