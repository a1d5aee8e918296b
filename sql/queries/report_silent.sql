-- Deliveries that looked fine to the sender and were not: accepted, then put aside, thrown away or lost.
-- $1 since, $2 until.
with d as (
    select e.*, case
               when e.outcome = 'lost' then 'accepted, then no trace'
               when e.outcome = 'junk' then 'filed as spam'
               when e.outcome = 'quarantined' then 'put in quarantine'
               when e.reason in ('deleted', 'held') then 'taken out of the queue'
               when e.stage in ('routing', 'mailbox') then 'thrown away by a rule of the recipient'
               when e.stage = 'content' then 'thrown away by a filter'
               else 'accepted, then dropped by the host' end as what
    from waybill.delivery_end e
    where class in ('misplaced', 'vanished')
      and first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
)
select d.what, d.outcome, d.receiver, d.decided_by, coalesce(d.reason, 'undefined') as reason, count(*) as deliveries,
       round(count(*)::numeric / sum(count(*)) over (), 6) as share,
       min(d.first_at) as first_at, max(d.first_at) as last_at,
       (array_agg(d.journey_id order by d.first_at desc, d.journey_id))[1] as example,
       mode() within group (order by concat_ws(' ', d.code, d.enhanced, d.reply)) as reply
from d
left join waybill.outcome_word w using (outcome)
group by d.what, d.outcome, w.ord, d.receiver, d.decided_by, coalesce(d.reason, 'undefined')
order by w.ord desc, deliveries desc, d.receiver, d.decided_by, reason
limit 100;
