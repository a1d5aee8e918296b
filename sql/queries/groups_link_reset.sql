-- Everything is linked anew.
truncate waybill.loose_transit, waybill.loose_attempt, waybill.link_edge, waybill.relink, waybill.linking
