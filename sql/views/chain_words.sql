-- The words of the delivery chain with their order and meaning, for joins and for sorting.
-- They repeat common/chain.h; tests/sql/test_report checks that the two agree.

create or replace view waybill.stage_word as
select ord, stage, meaning
from (values
    (1, 'submission', 'the sender''s program hands the message to its mail server'),
    (2, 'queue', 'the message waits in a queue of a mail server'),
    (3, 'dns', 'the next host is looked up'),
    (4, 'connect', 'a connection to the next host is opened'),
    (5, 'helo', 'the hosts introduce themselves'),
    (6, 'tls', 'the connection is encrypted'),
    (7, 'envelope', 'sender and recipient are named'),
    (8, 'data', 'the message itself is sent'),
    (9, 'authentication', 'SPF, DKIM and DMARC are checked'),
    (10, 'content', 'reputation and content are judged'),
    (11, 'routing', 'the message is sorted: inbox, junk, quarantine'),
    (12, 'mailbox', 'the message is stored'),
    (13, 'client', 'the message is fetched and shown')) as w (ord, stage, meaning);

create or replace view waybill.outcome_word as
select ord, outcome, class, meaning
from (values
    (1, 'inbox', 'delivered', 'in the inbox'),
    (2, 'category', 'delivered', 'in a category tab of the inbox'),
    (3, 'stored', 'delivered', 'in a mailbox, folder not known'),
    (4, 'accepted', 'accepted', 'taken by a host out of our sight'),
    (5, 'junk', 'misplaced', 'in the junk folder'),
    (6, 'quarantined', 'misplaced', 'held back by the receiver'),
    (7, 'deferred', 'pending', 'still being retried, or held'),
    (8, 'in_transit', 'pending', 'on its way, in the grace period'),
    (9, 'rejected', 'failed', 'refused before any queue took it'),
    (10, 'bounced', 'failed', 'given up on a permanent failure'),
    (11, 'expired', 'failed', 'given up after retrying'),
    (12, 'discarded', 'vanished', 'thrown away, and a log says so'),
    (13, 'lost', 'vanished', 'accepted by us, then no trace')) as w (ord, outcome, class, meaning);

-- One row per recipient of a journey with what reports ask of it: the receiver, the class of the outcome
-- and the stage at which it ended, by number (13 for a message that went all the way).
create or replace view waybill.delivery_end as
select d.journey_id, d.first_at, d.recipient, d.outcome, coalesce(w.class, 'pending') as class,
       coalesce(d.receiver, nullif(split_part(coalesce(d.final_recipient, d.recipient), '@', 2), ''), 'unknown') as receiver,
       coalesce(s.ord, case
           when w.class = 'delivered' then 13
           when w.class = 'accepted' then 8
           when w.class in ('misplaced', 'vanished') then 11
           else 2 end) as end_ord,
       d.stage, d.reason, d.provider, d.rule, d.code, d.enhanced, d.reply, d.decided_by, d.decided_at, d.attempts,
       d.delay_s, d.told, d.final_recipient, d.placement, d.first_attempt_at, d.last_attempt_at, d.attempt_id
from waybill.delivery d
left join waybill.outcome_word w using (outcome)
left join waybill.stage_word s on s.stage = d.stage and w.class not in ('delivered', 'accepted');
