-- Notes how far addresses have been looked at.  $1 last batch, $2 digest of the lists, $3 what --dns says.
insert into waybill.source_identity_state ("only", last_load_id, rules, dns) values (true, $1::bigint, $2::bigint, $3)
on conflict ("only") do update
    set last_load_id = excluded.last_load_id, rules = excluded.rules,
        dns = coalesce(excluded.dns, source_identity_state.dns);
