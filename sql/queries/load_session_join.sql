-- TLS that one file told and another needed: a connection's line stands before a cut, its messages behind
-- it.  $1: load_id; either side may be new.
with matched as (
    select distinct on (w.fact_id, w.outgoing) w.fact_id, w.outgoing, w.at, h.tls_version, h.tls_cipher
    from waybill.log_session w
    join waybill.log_session h
      on h.host is not distinct from w.host and h.pid = w.pid and h.outgoing = w.outgoing and h.peer = w.peer
     and h.at <= w.at + case when h.source_id = w.source_id then interval '0' else interval '1 second' end
     and w.at - h.at < interval '10 minutes' and not h.wanted
    where w.wanted and (w.load_id = $1::bigint or h.load_id = $1::bigint)
    order by w.fact_id, w.outgoing, h.at desc
), attempts as (
    update waybill.attempt_log a set tls_version = m.tls_version, tls_cipher = m.tls_cipher
    from matched m
    where m.outgoing and a.attempt_id = m.fact_id
      and a.at between m.at - interval '1 second' and m.at + interval '1 second' and a.tls_version is null
    returning a.transit_id, a.message_key
), transits as (
    update waybill.transit t set tls_version = m.tls_version, tls_cipher = m.tls_cipher
    from matched m
    where not m.outgoing and t.transit_id = m.fact_id
      and t.at between m.at - interval '1 second' and m.at + interval '1 second' and t.tls_version is null
    returning t.transit_id, t.message_key
), changed as (
    insert into waybill.dirty_key (group_key, load_id)
    select distinct coalesce(l.group_key, c.message_key), $1::bigint
    from (select * from attempts union select * from transits) c
    left join waybill.transit_link l on l.transit_id = c.transit_id and l.message_key = c.message_key
    on conflict (group_key) do update set load_id = excluded.load_id
)
select (select count(*) from attempts) + (select count(*) from transits)
