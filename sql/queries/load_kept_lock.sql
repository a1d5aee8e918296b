-- Whose a stream is: of the session that has this lock.  $1: stream.
select pg_try_advisory_lock(860285103, hashtext($1))
