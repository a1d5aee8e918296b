create schema if not exists waybill;
create table if not exists waybill.schema_migration (
    version integer primary key,
    name text not null collate "C",
    checksum text not null collate "C",
    applied_at timestamptz not null default now()
);
comment on table waybill.schema_migration is
    'Migrations applied to this database; version 0 stands for the views, which are renewed together.';
comment on column waybill.schema_migration.version is 'Number of the migration, counted from 1.';
comment on column waybill.schema_migration.name is 'Its name.';
comment on column waybill.schema_migration.checksum is 'SHA-256 of its text, in hexadecimal.';
comment on column waybill.schema_migration.applied_at is 'When it was applied.';
