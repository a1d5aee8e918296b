-- Silent loss: which relays are hosts of ours, and which messages were too young to judge.
create table waybill.relay_host (
    relay text not null collate "C",
    host text not null collate "C",
    linked bigint not null,
    primary key (relay, host)
);
alter table waybill.delivery add column told text collate "C";
alter table waybill.hop add column from_seq integer;
create table waybill.waiting (
    group_key bigint not null,
    due timestamptz not null
);
