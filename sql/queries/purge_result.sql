select table_name, sum(deleted) from waybill_purged group by table_name order by table_name
