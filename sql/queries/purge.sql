-- Deletes what is older than the setting waybill.purge_before (inside one transaction, which the caller
-- opens).  Whole partitions are dropped, the rest row by row; sources stay, so that a file which was
-- read once does not come back.  Counts go to the temporary table waybill_purged.
-- Neither beside an analyze nor within a batch of an ingest: dropping needs their tables alone.
select pg_advisory_xact_lock(8602851031750), pg_advisory_xact_lock(8602851031751);
drop table if exists waybill_purged;
create temporary table waybill_purged (table_name text, deleted bigint) on commit drop;
do $$
declare
    before timestamptz := current_setting('waybill.purge_before')::timestamptz;
    t record;
    p record;
    rest record;
    n bigint;
begin
    for t in
        select w.name, a.attname as at_column
        from waybill.partitioned w
        join pg_partitioned_table pt on pt.partrelid = ('waybill.' || quote_ident(w.name))::regclass
        join pg_attribute a on a.attrelid = pt.partrelid and a.attnum = pt.partattrs[0]
    loop
        for p in
            select b.part from waybill.partition_bounds(t.name) b where b.until_at <= before
        loop
            execute format('select count(*) from waybill.%I', p.part) into n;
            execute format('drop table waybill.%I', p.part);
            insert into waybill_purged values (t.name, n);
        end loop;
        execute format('delete from waybill.%I where %I < $1', t.name, t.at_column) using before;
        get diagnostics n = row_count;
        insert into waybill_purged values (t.name, n);
    end loop;

    -- What was linked by what goes is linked anew.
    insert into waybill.relink (queue_id, transit_id, message_key)
    select queue_id, parent_id, parent_key from waybill.link_edge where at < before
    union select queue_id, child_id, child_key from waybill.link_edge where at < before
    union select queue_id, transit_id, message_key from waybill.loose_transit where at < before;

    -- Parts before the whole they belong to.
    for rest in
        select * from (values
            ('notification', 'at < $1'),
            ('log_session', 'at < $1'),
            ('loose_transit', 'at < $1'),
            ('loose_attempt', 'at < $1'),
            ('transit_link', 'not exists (select from waybill.transit x where x.transit_id = t.transit_id)'),
            ('verdict_link', 'at < $1'),
            ('waiting', 'due < $1'),
            ('journey_message', 'not exists (select from waybill.journey x where x.journey_id = t.journey_id)'),
            ('auth_result', 'not exists (select from waybill.journey x where x.journey_id = t.journey_id) '
                            'and coalesce(at < $1, true)'),
            -- with its journey, which knows times that the message itself need not say; else it would come back with --all
            ('message_log', 'coalesce(stored_at, date) < $1 '
                            'or t.load_id <= (select last_load_id from waybill.analysis) '
                            'and not exists (select from waybill.journey_message j where j.sha256 = t.sha256)'),
            ('dmarc_resend', 'report_key in (select report_key from waybill.dmarc_report where end_at < $1)'),
            ('dmarc_record', 'report_key in (select report_key from waybill.dmarc_report where end_at < $1)'),
            ('dmarc_report', 'end_at < $1'),
            ('dmarc_auth_set', '$1 is not null and not exists (select from waybill.dmarc_record c where c.auth_key = t.auth_key)'),
            ('source_identity', '$1 is not null and not exists (select from waybill.dmarc_record c where c.source_ip = t.ip)'),
            ('dmarc_failure', 'coalesce(arrival_at, at) < $1'),
            ('dsn_link', 'dsn_key in (select dsn_key from waybill.dsn where at < $1)'),
            ('dsn_recipient', 'dsn_key in (select dsn_key from waybill.dsn where at < $1)'),
            ('dsn', 'at < $1'),
            ('complaint', 'coalesce(arrival_at, at) < $1'),
            ('ingest_run', 'ended_at < $1'),
            ('tls_resend', 'report_key in (select report_key from waybill.tls_report where end_at < $1)'),
            ('tls_failure', 'report_key in (select report_key from waybill.tls_report where end_at < $1)'),
            ('tls_policy', 'report_key in (select report_key from waybill.tls_report where end_at < $1)'),
            ('tls_report', 'end_at < $1'),
            ('reputation', 'begin_at < $1'),
            ('reject', 'source_id in (select source_id from waybill.source where coalesce(last_at, ingested_at) < $1)')
        ) as v (name, condition)
    loop
        if to_regclass('waybill.' || quote_ident(rest.name)) is null then
            continue;
        end if;
        execute format('delete from waybill.%I t where %s', rest.name, rest.condition) using before;
        get diagnostics n = row_count;
        insert into waybill_purged values (rest.name, n);
    end loop;
end $$;
