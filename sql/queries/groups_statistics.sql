select waybill.analyze_partitions()
