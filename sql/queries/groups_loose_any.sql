select exists (select from waybill.loose_transit) or exists (select from waybill.link_edge)
