-- What providers say of reputation.  Emptied by every commit.
create temp table if not exists stage_reputation (like waybill.reputation) on commit delete rows
