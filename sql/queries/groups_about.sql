-- A notification is a journey of its own; this names the one it is about, for notifications that are new and
-- for those about a journey that is.  Few rows, each found by an index: limit and offset keep the planner, which
-- may know nothing of these tables yet, from joining them whole.
begin;
set local enable_hashjoin = off;
set local enable_mergejoin = off;
set local enable_material = off;
set local enable_seqscan = off;
create temp table notice on commit drop as
select n.journey_id, n.first_at from pg_temp.notice_now n
union
select h.journey_id, h.first_at
from waybill.dirty_key d
cross join lateral (select n.new_queue_id from waybill.notification n where n.message_key = d.group_key
                    union all
                    select n.new_queue_id from waybill.transit_link l
                    join waybill.notification n on n.message_key = l.message_key and n.transit_id = l.transit_id
                    where l.group_key = d.group_key) n
cross join lateral (select h.journey_id, h.first_at from waybill.hop h where h.queue_id = n.new_queue_id and h.seq = 1 offset 0) h;
update waybill.journey j
set about_journey_id = a.journey_id, about_type = a.type
from (select b.journey_id as notice_id, b.first_at, a.journey_id, a.type
      from notice b
      cross join lateral (select h.host, h.queue_id, h.arrived_at from waybill.hop h
                          where h.journey_id = b.journey_id and h.first_at = b.first_at and h.seq = 1 limit 1) h
      cross join lateral (
          select o.journey_id, n.type
          from waybill.notification n
          left join waybill.transit_link l on l.transit_id = n.transit_id and l.message_key = n.message_key
          -- by the queue id: thousands of journeys may share a group
          cross join lateral (select o.journey_id from waybill.hop o
                              where o.queue_id = n.queue_id
                                and o.transit_id = coalesce(l.root_transit_id, n.transit_id)
                                and o.group_key = coalesce(l.group_key, n.message_key) limit 1) o
          where n.new_queue_id = h.queue_id and n.host is not distinct from h.host
            and h.arrived_at between n.at - interval '1 hour' and n.at + interval '1 hour'
          order by abs(extract(epoch from h.arrived_at - n.at)), o.journey_id
          limit 1) a
      offset 0) a
where j.journey_id = a.notice_id and j.first_at = a.first_at and (j.mail_from = '' or j.mail_from like 'double-bounce%') and j.about_journey_id is distinct from a.journey_id;
commit
