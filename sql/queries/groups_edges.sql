-- The links of those transits, with which is a part of which: input of the union in the program.
select e.parent_id, e.parent_key, e.child_id, e.child_key,
       bool_or(bool_or(e.is_part)) over (partition by e.child_id, e.child_key, e.parent_id)
from vertex v join waybill.link_edge e on e.parent_id = v.id and e.parent_key = v.key
group by 1, 2, 3, 4
order by 1, 2, 3, 4
