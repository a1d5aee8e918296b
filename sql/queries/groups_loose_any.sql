-- Whether anything is loose, and whether it is little beside what is new.  $1: the last load that was linked.
select exists (select from waybill.loose_transit) or exists (select from waybill.link_edge),
       pg_relation_size('waybill.loose_transit') + pg_relation_size('waybill.loose_attempt') < 4 * 1024 * 1024
           and (select sum(lines) from waybill.source where load_id > $1::bigint) > 10000
