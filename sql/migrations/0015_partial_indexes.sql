-- Indexes over few rows of a partition: what a run of analyze over a few new lines looks for must not make it read
-- all that was ever refused.

-- Each is "name:(columns) where condition".
alter table waybill.partitioned add column partial text[] not null default '{}';
update waybill.partitioned
set partial = array['loose:(queue_id) where flags & 1 = 0 or message_id is null'] -- what analyze links by hand
where name = 'transit';
update waybill.partitioned
set partial = array['message_key:(message_key) where message_key is not null',
                    'discard:(at) where action in (''discard'', ''milter-discard'')']
where name = 'refusal';

-- analyze knows its new notifications without it
do $$
declare
    i record;
begin
    for i in
        select x.oid::regclass as index
        from pg_inherits h join pg_index n on n.indrelid = h.inhrelid join pg_class x on x.oid = n.indexrelid
        where h.inhparent = 'waybill.journey'::regclass and x.relname like '%\_notice'
    loop
        execute format('drop index %s', i.index);
    end loop;
end $$;

create or replace function waybill.index_partitions(tables text[] default null) returns integer
language plpgsql set max_parallel_maintenance_workers = 0 as $$
declare
    p record;
    made integer := 0;
begin
    for p in
        select c.relname as part, i.name as index, i.definition
        from waybill.partitioned t
        join pg_inherits h on h.inhparent = ('waybill.' || t.name)::regclass
        join pg_class c on c.oid = h.inhrelid
        cross join lateral (
            select replace(col, 'brin:', '') as name,
                   format('using %s (%I)', case when col like 'brin:%' then 'brin' else 'btree' end,
                          replace(col, 'brin:', '')) as definition
            from unnest(t.indexes) col
            union all
            select split_part(e, ':', 1), substr(e, strpos(e, ':') + 1) from unnest(t.partial) e) i
        where tables is null or t.name = any (tables)
    loop
        if to_regclass(format('waybill.%I', p.part || '_' || p.index)) is null then
            execute format('create index %I on waybill.%I %s', p.part || '_' || p.index, p.part, p.definition);
            made := made + 1;
        end if;
    end loop;
    return made;
end $$;

-- Many replies name no queue id.
create or replace function waybill.index_links() returns void
language plpgsql as $$
declare
    p record;
begin
    for p in
        select c.relname as part, l.col, l.few
        from (values ('waybill.transit'::regclass, 'queue_id', ''),
                     ('waybill.attempt_log', 'next_queue_id', 'where next_queue_id is not null')) l (parent, col, few)
        join pg_inherits i on i.inhparent = l.parent
        join pg_class c on c.oid = i.inhrelid
    loop
        if to_regclass(format('waybill.%I', p.part || '_' || p.col)) is null then
            execute format('create index %I on waybill.%I (%I) %s', p.part || '_' || p.col, p.part, p.col, p.few);
        end if;
    end loop;
end $$;
