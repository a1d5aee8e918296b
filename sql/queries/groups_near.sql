-- The transits under the touched queue ids, as far as groups_links.sql may need them: those of about the time of what
-- looks for them.  Acceptances that were told again and went are forgotten first.
delete from waybill.loose_attempt l
using touched q
where q.queue_id = l.next_queue_id and :linked(l):
  and not exists (select from waybill.attempt_log a
                  where a.transit_id = l.transit_id and a.at = l.at and a.attempt_id = l.attempt_id and a.message_key = l.message_key);
drop table if exists span;
create temp table span on commit drop as
select min(from_at) as from_at, max(until_at) as until_at
from (select *, count(*) filter (where fresh) over (order by from_at, until_at rows unbounded preceding) as island
      from (select *, coalesce(from_at - max(until_at) over (order by from_at, until_at rows between unbounded preceding and 1 preceding)
                               > interval '1 hour', true) as fresh
            from (select l.at - interval '2 hours' as from_at, l.at + interval '1 hour' as until_at
                  from touched q join waybill.loose_transit l using (queue_id)
                  union
                  select l.at - interval '2 hours', l.at + interval '1 minute'
                  from touched q join waybill.loose_transit l on l.orig_queue_id = q.queue_id
                  union
                  select a.at - interval '10 minutes', a.at + interval '10 minutes'
                  from touched q join waybill.loose_attempt a on a.next_queue_id = q.queue_id) r) f) i
group by island;
analyze span;
create temp table near on commit drop as
with around as materialized (
    select t.*
    from span s
    cross join lateral (
        select t.queue_id, t.host, t.transit_id, t.message_key, t.at, t.born_at, t.removed_at, t.flags,
               t.message_id is not null as named, t.mail_from
        from waybill.transit t
        where t.at between s.from_at and s.until_at and t.queue_id in (select queue_id from touched) offset 0) t
)
select * from around;
create temp table parent on commit drop as -- of acceptances: who sent, and where
select t.transit_id, t.message_key, t.host, t.mail_from, t.at
from (select distinct a.transit_id, a.message_key from touched q join waybill.loose_attempt a on a.next_queue_id = q.queue_id) a
join waybill.transit t on t.message_key = a.message_key and t.transit_id = a.transit_id and t.flags & 1 <> 0;
analyze near, parent
