-- Linking by queue ids looks only at what is new and at what that may touch.  What it has to remember for it is kept
-- in small tables, so that a few loose ends need no index of all queue ids.

-- Rows of transit that look for others by their queue id: parts that did not see their birth, messages without a
-- Message-ID, queues that a stored message names.
create table waybill.loose_transit (
    queue_id text not null collate "C",
    orig_queue_id text collate "C",
    transit_id bigint not null,
    message_key bigint not null,
    host text collate "C",
    at timestamptz not null,
    born_at timestamptz,
    removed_at timestamptz,
    client_ip inet,
    flags integer not null,
    named boolean not null,
    load_id bigint not null
);
create index loose_transit_queue_id on waybill.loose_transit (queue_id);
create index loose_transit_orig_queue_id on waybill.loose_transit (orig_queue_id) where orig_queue_id is not null;
create index loose_transit_id on waybill.loose_transit (transit_id);
create index loose_transit_load_id on waybill.loose_transit (load_id);
create index loose_transit_unnamed on waybill.loose_transit (message_key) where not named;

-- Acceptances whose queue id leads from or to a message without a Message-ID.
create table waybill.loose_attempt (
    next_queue_id text not null collate "C",
    attempt_id bigint not null,
    transit_id bigint not null,
    message_key bigint not null,
    at timestamptz not null,
    relay_ip inet,
    load_id bigint not null
);
create index loose_attempt_next_queue_id on waybill.loose_attempt (next_queue_id);
create index loose_attempt_transit_id on waybill.loose_attempt (transit_id);

-- What was found: which transits are joined, by the queue id that was looked for.
create table waybill.link_edge (
    queue_id text not null collate "C",
    parent_id bigint not null,
    parent_key bigint not null,
    child_id bigint not null,
    child_key bigint not null,
    is_part boolean not null,
    at timestamptz not null
);
create index link_edge_queue_id on waybill.link_edge (queue_id);
create index link_edge_parent on waybill.link_edge (parent_id);
create index link_edge_child on waybill.link_edge (child_id);

-- Where rows were taken back or purged since: what was linked by them is linked anew.
create table waybill.relink (
    queue_id text collate "C",
    transit_id bigint not null,
    message_key bigint not null
);

-- How far linking has come; without a row, everything is linked anew.
create table waybill.linking (
    "only" boolean primary key default true check ("only"),
    last_load_id bigint not null
);

-- Linking looks for transits of about a time, and for those that lived long.
update waybill.partitioned set indexes = indexes || '{brin:at}'::text[]
where name = 'transit' and not indexes @> '{brin:at}';
update waybill.partitioned set partial = '{}' where name = 'transit';

do $$
declare
    i record;
begin
    for i in
        select x.indexrelid::regclass as index
        from (values ('waybill.transit'::regclass, 'queue_id'), ('waybill.transit', 'loose'),
                     ('waybill.attempt_log', 'next_queue_id')) as v (parent, name)
        join pg_inherits h on h.inhparent = v.parent
        join pg_class c on c.oid = h.inhrelid
        join pg_index x on x.indrelid = c.oid
        join pg_class n on n.oid = x.indexrelid and n.relname = c.relname || '_' || v.name
    loop
        execute format('drop index %s', i.index);
    end loop;
end $$;

-- Transits whose end no row tells, or that lived for more than an hour: later parts may belong to them.  All others
-- are found by their time.
create or replace function waybill.index_links() returns void
language plpgsql as $$
declare
    p record;
begin
    for p in
        select c.relname as part from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'waybill.transit'::regclass
    loop
        if to_regclass(format('waybill.%I', p.part || '_open')) is null then
            execute format('create index %I on waybill.%I (queue_id) where removed_at is null or removed_at - at > %L',
                           p.part || '_open', p.part, interval '1 hour');
        end if;
    end loop;
end $$;
comment on function waybill.index_links() is
    'Makes the index of transits that lived long by queue id; analyze calls it when a part looks for its birth.';
