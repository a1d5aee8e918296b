select waybill.ensure_month($1, $2::date)
