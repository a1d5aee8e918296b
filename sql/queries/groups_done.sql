insert into waybill.analysis ("only", last_load_id, analyzed_at, dns, finished)
values (true, $1::bigint, now(), nullif($2, ''), false)
on conflict ("only") do update set last_load_id = excluded.last_load_id, analyzed_at = excluded.analyzed_at,
                                   dns = excluded.dns, finished = false
