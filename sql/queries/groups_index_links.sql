select waybill.index_links()
