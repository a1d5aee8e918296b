-- For groups_lost.sql, step by step, each with statistics for the next: one message may have a hundred thousand
-- recipients, and a join planned for the usual one would then take its time squared.
-- Relays that are hosts of ours: messages sent to them were found in their logs, or they bear the host's very name.
drop table if exists pg_temp.lost_own, pg_temp.lost_hop, pg_temp.lost_delivery, pg_temp.lost_attempt;
create temp table lost_own as
    select relay, array_agg(host order by linked desc, host) as hosts, bool_or(host = relay) as self, sum(linked) as linked
    from waybill.relay_host
    group by relay;
analyze lost_own;
