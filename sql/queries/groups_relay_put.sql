-- Takes one relay into account.  $1 relay, $2 host, $3 messages found there in this run.
insert into waybill.relay_host (relay, host, linked) values ($1, $2, $3::bigint)
on conflict (relay, host) do update set linked = relay_host.linked + excluded.linked
