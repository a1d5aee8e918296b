-- Discards whose queue id is known are found by it; only the others are looked for by their time, and thousands may
-- fall into ten seconds.
update waybill.partitioned
set partial = array['message_key:(message_key) where message_key is not null',
                    'discard:(at) where action in (''discard'', ''milter-discard'') and queue_id is null']
where name = 'refusal';

do $$
declare
    i record;
begin
    for i in
        select x.indexrelid::regclass as index
        from pg_inherits h
        join pg_class c on c.oid = h.inhrelid
        join pg_index x on x.indrelid = c.oid
        join pg_class n on n.oid = x.indexrelid and n.relname = c.relname || '_discard'
        where h.inhparent = 'waybill.refusal'::regclass
    loop
        execute format('drop index %s', i.index);
    end loop;
end $$;
select waybill.index_partitions('{refusal}');
