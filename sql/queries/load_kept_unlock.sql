-- $1: stream.
select pg_advisory_unlock(860285103, hashtext($1))
