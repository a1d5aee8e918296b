-- $1: names of partitioned tables
select waybill.index_partitions($1::text[])
