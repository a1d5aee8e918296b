-- Statistics of some tables, so that two sessions may gather them.
drop function if exists waybill.analyze_partitions();
create or replace function waybill.analyze_partitions(tables text[] default null) returns integer
language plpgsql as $$
declare
    p record;
    made integer := 0;
begin
    for p in
        select c.relname as part, string_agg(a.attname, ', ') as columns
        from waybill.partitioned t
        join pg_inherits i on i.inhparent = ('waybill.' || t.name)::regclass
        join pg_class c on c.oid = i.inhrelid and c.relpages > 0
        join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
         and (a.attname = any (t.indexes)
              or a.attname in ('load_id', 'group_key', 'transit_id', 'queue_id', 'next_queue_id', 'at', 'first_at'))
        where (tables is null or t.name = any (tables))
          and not exists (select from pg_stats s where s.schemaname = 'waybill' and s.tablename = c.relname)
        group by c.relname
    loop
        execute format('analyze waybill.%I (%s)', p.part, p.columns);
        made := made + 1;
    end loop;
    return made;
end $$;
comment on function waybill.analyze_partitions(text[]) is
    'Gathers statistics of the key columns of partitions that have none yet.';
