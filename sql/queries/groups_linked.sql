select exists (select from waybill.transit_link)
