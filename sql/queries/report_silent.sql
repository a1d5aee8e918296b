-- needs: door_discards
-- Deliveries that looked fine to the sender and were not: accepted, then put aside, thrown away or lost; and what a
-- host of ours took at its door and threw away, where nobody's log tells of the sending.
-- $1 since, $2 until.
with d as (
    select case
               when e.outcome = 'lost' then 'accepted, then no trace'
               when e.outcome = 'junk' then 'filed as spam'
               when e.outcome = 'quarantined' then 'put in quarantine'
               when e.reason in ('deleted', 'held') then 'taken out of the queue'
               when e.stage in ('routing', 'mailbox') then 'thrown away by a rule of the recipient'
               when e.stage = 'content' then 'thrown away by a filter'
               else 'accepted, then dropped by the host' end as what,
           e.outcome, e.receiver, e.decided_by, coalesce(e.reason, 'undefined') as reason, e.first_at as at, e.journey_id,
           nullif(e.told, '') as told, nullif(waybill.reply_said(e.code, e.enhanced, e.reply), '') as reply
    from waybill.delivery_end e
    where class in ('misplaced', 'vanished')
      and first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
), door as (
    select 'accepted, then dropped by the host' as what, 'discarded' as outcome, r.receiver, r.host as decided_by, r.reason, r.at,
           null::bigint as journey_id, null::text as told, waybill.reply_said(r.code, r.enhanced, r.reply) as reply
    from door_discards r
), a as (
    select * from d union all select * from door
)
select a.what, a.outcome, a.receiver, a.decided_by, a.reason, count(*) as deliveries,
       round(count(*)::numeric / sum(count(*)) over (), 6) as share,
       min(a.at) as first_at, max(a.at) as last_at,
       (array_agg(a.journey_id order by a.at desc, a.journey_id) filter (where a.journey_id is not null))[1] as example,
       mode() within group (order by a.told) as told,
       mode() within group (order by a.reply) filter (where a.reply is distinct from a.told and not coalesce(a.reply like '%' || a.told, false)) as reply
from a
left join waybill.outcome_word w using (outcome)
group by a.what, a.outcome, w.ord, a.receiver, a.decided_by, a.reason
order by w.ord desc, deliveries desc, a.receiver, a.decided_by, a.reason;
