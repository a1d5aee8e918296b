select waybill.index_partitions(null)
