do $$ begin
    if exists (select from pg_roles where rolname = 'waybill_reader') then
        grant usage on schema waybill to waybill_reader;
        grant select on all tables in schema waybill to waybill_reader;
    end if;
end $$;
