-- Verdicts without keys find their transit: by the queue id they name, else (a policy service, asked before there
-- is one) by the client and the sender of the next birth.  $1: last load analyzed, $2: last one to take.  Groups that
-- gain a verdict are dirty.
with v as materialized (
    select v.verdict_id, v.at, v.host, v.queue_id, v.client_ip, v.mail_from
    from waybill.verdict_log v
    where v.message_key is null and v.load_id <= $2::bigint and v.action is distinct from 'greylist'
      and (v.load_id > $1::bigint or exists (
          select from waybill.source s
          where s.load_id > $1::bigint and v.at between s.first_at - interval '1 hour' and s.last_at + interval '1 hour'))
      and not exists (select from waybill.verdict_link k where k.verdict_id = v.verdict_id and k.at = v.at)
), span as (
    select min(at) - interval '1 hour' as since, max(at) + interval '1 hour' as until from v where queue_id is null
), found as (
    select distinct on (v.verdict_id, v.at) v.verdict_id, v.at, t.transit_id, t.message_key
    from v
    join waybill.transit t on t.queue_id = v.queue_id and t.host is not distinct from v.host
     and t.at between v.at - interval '5 days' and v.at + interval '1 minute'
     and (t.removed_at is null or t.removed_at >= v.at - interval '10 seconds')
    where t.load_id <= $2::bigint
    order by v.verdict_id, v.at, abs(extract(epoch from coalesce(t.born_at, t.at) - v.at)), t.transit_id, t.message_key
), served as (
    select distinct on (v.verdict_id, v.at) v.verdict_id, v.at, t.transit_id, t.message_key
    from v, span, waybill.transit t
    where v.queue_id is null and t.at between span.since and span.until and t.load_id <= $2::bigint
      and t.host is not distinct from v.host and t.client_ip = v.client_ip
      -- what was thrown away before the queue never says its sender
      and (t.mail_from is null or lower(t.mail_from) = lower(v.mail_from))
      and t.born_at between v.at - interval '1 second' and v.at + interval '30 seconds'
    order by v.verdict_id, v.at, t.born_at < v.at, abs(extract(epoch from t.born_at - v.at)), t.transit_id, t.message_key
), linked as (
    insert into waybill.verdict_link
    select * from found union all select * from served
    on conflict do nothing
    returning transit_id, message_key
)
insert into waybill.dirty_key (group_key, known)
select distinct coalesce(l.group_key, k.message_key), false
from linked k
left join waybill.transit_link l on l.transit_id = k.transit_id and l.message_key = k.message_key
on conflict do nothing
