-- The links as they were found, with which side is named: input of the union in the program.
select e.parent_id, e.parent_key, e.child_id, e.child_key,
       p.root_id is not null as is_part
from edge e
left join part_root p on p.transit_id = e.child_id and p.message_key = e.child_key and p.root_id = e.parent_id
order by 1, 2, 3, 4
