-- Partitions of a week instead of a month, so that most loads go where no index is yet; fewer indexes, and
-- new rows found by a BRIN index of load_id.  Partitions that are there stay as they are.

-- Groups that analyze knew before: only for these it has to look for rows of earlier loads.
alter table waybill.dirty_key add column known boolean not null default true;
-- What ingest notes while analyze is at work is for the next run.
alter table waybill.dirty_key add column load_id bigint not null default 0;
-- False between the commit of the journeys and that of what follows.
alter table waybill.analysis add column finished boolean not null default true;

drop function waybill.ensure_month(text, date);

create function waybill.ensure_partition(table_name text, moment timestamptz)
returns table (part text, from_at timestamptz, until_at timestamptz)
language plpgsql as $$
#variable_conflict use_column
declare
    from_week timestamptz := date_trunc('week', moment, 'UTC');
    until_week timestamptz := from_week + interval '7 days';
    earlier timestamptz;
    later timestamptz;
begin
    return query
        select b.part, b.from_at, b.until_at from waybill.partition_bounds(table_name) b
        where b.from_at <= moment and moment < b.until_at;
    if found then
        return;
    end if;
    -- a neighbour of another length (a month of an older version) may reach into this week
    select max(b.until_at) into earlier from waybill.partition_bounds(table_name) b where b.until_at <= moment;
    select min(b.from_at) into later from waybill.partition_bounds(table_name) b where b.from_at > moment;
    from_at := greatest(from_week, earlier);
    until_at := least(until_week, later);
    part := format('%s_%s', table_name, to_char(from_at at time zone 'UTC', 'YYYYMMDD'));
    execute format('create table waybill.%I partition of waybill.%I for values from (%L) to (%L)',
                   part, table_name, from_at, until_at);
    return next;
end $$;
comment on function waybill.ensure_partition(text, timestamptz) is
    'The partition of a table that takes a moment, with its bounds; made for the week (UTC, from Monday) if it is not there.';

create function waybill.partition_bounds(table_name text)
returns table (part text, from_at timestamptz, until_at timestamptz)
language sql stable as $$
    select p.part, p.bounds[1]::timestamptz, p.bounds[2]::timestamptz
    from (select c.relname::text as part,
                 regexp_match(pg_get_expr(c.relpartbound, c.oid), $x$FROM \('([^']+)'\) TO \('([^']+)'\)$x$) as bounds
          from pg_inherits i
          join pg_class c on c.oid = i.inhrelid
          where i.inhparent = ('waybill.' || quote_ident(table_name))::regclass) p
    where p.bounds is not null
$$;
comment on function waybill.partition_bounds(text) is
    'The partitions of a table with the times they take (from_at inclusive, until_at exclusive), without the default one.';

-- Indexes: columns by themselves are B-trees; "brin:at" is a BRIN index, for columns that grow as rows come in.
update waybill.partitioned p set indexes = v.indexes
from (values
    ('transit', '{message_key,brin:load_id}'::text[]),
    ('attempt_log', '{transit_id,brin:load_id}'),
    ('refusal', '{message_id,queue_id,brin:at}'),
    ('hop', '{journey_id,queue_id}'),
    ('delivery', '{journey_id,recipient}')) as v (name, indexes)
where p.name = v.name;

do $$
declare
    i record;
begin
    for i in
        select x.indexrelid::regclass as index
        from (values ('hop', 'transit_id'), ('delivery', 'first_at'), ('refusal', 'at')) as v (name, col)
        join pg_inherits h on h.inhparent = ('waybill.' || v.name)::regclass
        join pg_class c on c.oid = h.inhrelid
        join pg_index x on x.indrelid = c.oid
        join pg_class n on n.oid = x.indexrelid and n.relname = c.relname || '_' || v.col
    loop
        execute format('drop index %s', i.index);
    end loop;
end $$;

create or replace function waybill.index_partitions(tables text[] default null) returns integer
language plpgsql set max_parallel_maintenance_workers = 0 as $$
declare
    p record;
    col text;
    made integer := 0;
begin
    for p in
        select c.relname as part, t.indexes
        from waybill.partitioned t
        join pg_inherits i on i.inhparent = ('waybill.' || t.name)::regclass
        join pg_class c on c.oid = i.inhrelid
        where tables is null or t.name = any (tables)
    loop
        foreach col in array p.indexes loop
            if to_regclass(format('waybill.%I', p.part || '_' || replace(col, 'brin:', ''))) is not null then
                continue;
            end if;
            execute format('create index %I on waybill.%I using %s (%I)', p.part || '_' || replace(col, 'brin:', ''),
                           p.part, case when col like 'brin:%' then 'brin' else 'btree' end, replace(col, 'brin:', ''));
            made := made + 1;
        end loop;
    end loop;
    -- the few transits that analyze has to link by hand
    for p in
        select c.relname as part from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'waybill.transit'::regclass and (tables is null or 'transit' = any (tables))
    loop
        if to_regclass(format('waybill.%I', p.part || '_loose')) is null then
            execute format('create index %I on waybill.%I (queue_id) where flags & 1 = 0 or message_id is null',
                           p.part || '_loose', p.part);
            made := made + 1;
        end if;
    end loop;
    -- notifications that are not yet joined to what they are about
    for p in
        select c.relname as part from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'waybill.journey'::regclass and (tables is null or 'journey' = any (tables))
    loop
        if to_regclass(format('waybill.%I', p.part || '_notice')) is null then
            execute format('create index %I on waybill.%I (journey_id) where mail_from = %L and about_journey_id is null',
                           p.part || '_notice', p.part, '');
            made := made + 1;
        end if;
    end loop;
    return made;
end $$;

-- The planner knows nothing of a partition that was just filled until autovacuum comes by; what follows a load at
-- once (linking, a report) would be planned blindly.  Only the columns that joins use.
create function waybill.analyze_partitions() returns integer
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
         and (a.attname = any (t.indexes) or a.attname in ('load_id', 'group_key', 'transit_id', 'queue_id', 'next_queue_id'))
        where not exists (select from pg_stats s where s.schemaname = 'waybill' and s.tablename = c.relname)
        group by c.relname
    loop
        execute format('analyze waybill.%I (%s)', p.part, p.columns);
        made := made + 1;
    end loop;
    return made;
end $$;
comment on function waybill.analyze_partitions() is
    'Gathers statistics of the key columns of partitions that have none yet.';
