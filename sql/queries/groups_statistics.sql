-- A small sample tells of key columns all that the planner needs.  $1: names of partitioned tables; null: of all.
select set_config('default_statistics_target', '10', true), waybill.analyze_partitions($1::text[])
