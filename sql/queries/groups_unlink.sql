-- Nothing is loose any more.
delete from waybill.transit_link
