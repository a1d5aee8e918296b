-- A small sample tells of key columns all that the planner needs.
select set_config('default_statistics_target', '10', true), waybill.analyze_partitions()
