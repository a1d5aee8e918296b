-- All transits that are joined, by however many steps, to one whose links changed.
create temp table vertex on commit drop as
with recursive reached (id, key) as (
    select * from (select parent_id, parent_key from changed union select child_id, child_key from changed) c
    union
    select n.id, n.key
    from reached r
    cross join lateral (
        select e.child_id, e.child_key from waybill.link_edge e where e.parent_id = r.id and e.parent_key = r.key
        union all
        select e.parent_id, e.parent_key from waybill.link_edge e where e.child_id = r.id and e.child_key = r.key) n (id, key)
)
select id, key from reached;
analyze vertex
