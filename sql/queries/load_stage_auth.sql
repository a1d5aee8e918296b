-- What DMARC records say of DKIM and SPF, each set once or more.  Emptied by every commit.
create temp table if not exists stage_auth_set (like waybill.dmarc_auth_set) on commit delete rows
