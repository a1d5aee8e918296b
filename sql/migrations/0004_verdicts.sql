-- What filters, authentication checks and delivery agents said of messages, and what readers did with them.

create table waybill.verdict_log (
    verdict_id bigint not null,
    kind text not null collate "C",
    transit_id bigint,
    message_key bigint,
    at timestamptz not null,
    host text collate "C",
    engine text collate "C",
    queue_id text collate "C",
    message_id text collate "C",
    mail_from text collate "C",
    client_ip inet,
    recipient text collate "C",
    action text collate "C",
    result text collate "C",
    reason text collate "C",
    detail text collate "C",
    score double precision,
    required double precision,
    tests text collate "C",
    method text collate "C",
    domain text collate "C",
    selector text collate "C",
    mailbox text collate "C",
    session text collate "C",
    next_queue_id text collate "C",
    code smallint,
    enhanced text collate "C",
    reply text collate "C",
    user_agent text collate "C",
    source_id bigint not null,
    byte_offset bigint not null,
    byte_length bigint not null,
    load_id bigint not null
) partition by range (at);
create table waybill.verdict_log_default partition of waybill.verdict_log default;
-- Of a few only: what names neither a Message-ID nor a queue id that its own file told of.
create index verdict_log_loose on waybill.verdict_log (queue_id) where message_key is null;

-- The transit that a verdict without keys was found to be about.
create table waybill.verdict_link (
    verdict_id bigint not null,
    at timestamptz not null,
    transit_id bigint not null,
    message_key bigint not null,
    primary key (verdict_id, at)
);
create index verdict_link_key on waybill.verdict_link (message_key);

-- Which journey, and which host of it, a verdict was found to speak of.
create table waybill.journey_verdict (
    journey_id bigint not null,
    group_key bigint not null,
    first_at timestamptz not null,
    hop_seq integer,
    verdict_id bigint not null,
    decides boolean not null
) partition by range (first_at);
create table waybill.journey_verdict_default partition of waybill.journey_verdict default;

insert into waybill.partitioned values
    ('verdict_log', '{message_key,verdict_id}'),
    ('journey_verdict', '{journey_id,verdict_id}');
