-- How far the folders of IMAP mailboxes were read, and what is still to be done with messages that were.
create table waybill.mailbox (
    host text not null collate "C",
    username text not null collate "C",
    folder text not null collate "C",
    uidvalidity bigint not null,
    last_uid bigint not null,
    read_at timestamptz not null,
    primary key (host, username, folder)
);

create table waybill.mailbox_pending (
    host text not null collate "C",
    username text not null collate "C",
    folder text not null collate "C",
    uidvalidity bigint not null,
    uid bigint not null,
    primary key (host, username, folder, uidvalidity, uid)
);
