create temp table vertex on commit drop as
select parent_id as id, parent_key as key from waybill.link_edge
union select child_id, child_key from waybill.link_edge
union select transit_id, message_key from waybill.transit_link;
analyze vertex
