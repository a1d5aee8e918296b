select set_config('waybill.purge_before', $1, true)
