-- A week of mail, every outcome in it, for the tests of reports and traces: what ingest and analyze would
-- have left in an empty database.  Nothing here is random: the same rows every time.
--
-- 640 messages from alpha.example pass msa and relay and go to five receivers; mxb is ours, so that its
-- logs show the last stages; the others are seen from outside.

begin;
set local timezone = 'UTC';

create temp table receiver (n int, domain text, mx text, ip text, ours boolean) on commit drop;
insert into receiver values
    (0, 'mxb.example', 'mx1.mxb.example', '192.0.2.32', true),
    (1, 'bigmail.example', 'in.bigmail.example', '198.51.100.10', false),
    (2, 'corp.example', 'mail.corp.example', '198.51.100.77', false),
    (3, 'uni.example', 'mx.uni.example', '203.0.113.5', false),
    (4, 'bücher.example', 'mx.buecher.example', '203.0.113.99', false);

-- What happens to message i: the fate by a fixed walk through 0..99.
create temp table fate (lo int, hi int, outcome text, stage text, reason text, code smallint, enhanced text,
                        reply text, rule text, ours boolean) on commit drop;
insert into fate values
    (0, 33, 'inbox', null, null, 250, '2.0.0', 'Ok', null, true),
    (0, 33, 'accepted', null, null, 250, '2.0.0', 'Ok: queued', null, false),
    (34, 55, 'stored', null, null, 250, '2.0.0', 'Saved', null, true),
    (34, 55, 'accepted', null, null, 250, '2.0.0', 'Message accepted for delivery', null, false),
    (56, 62, 'category', null, null, 250, '2.0.0', 'Ok', null, true),
    (56, 62, 'accepted', null, null, 250, '2.0.0', 'Ok', null, false),
    (63, 69, 'junk', 'routing', 'spam', 250, '2.0.0', 'Saved', 'sieve-fileinto-junk', true),
    (63, 65, 'bounced', 'envelope', 'user_unknown', 550, '5.1.1', '<%s>: Recipient address rejected: User unknown in virtual mailbox table', 'enhanced-5.1.1', false),
    (66, 69, 'bounced', 'content', 'blocklisted', 554, '5.7.1', 'Service unavailable; Client host [192.0.2.20] blocked using zen.dnsbl.example', 'text-dnsbl', false),
    (70, 72, 'bounced', 'mailbox', 'mailbox_full', 552, '5.2.2', '<%s> Quota exceeded (mailbox for user is full)', 'text-quota', true),
    (70, 74, 'expired', 'connect', 'connection_timeout', null, '4.4.1', 'connect to %m[%i]:25: Connection timed out', 'local-connect-timeout', false),
    (73, 76, 'quarantined', 'content', 'virus', 250, '2.5.0', 'Ok, id=quarantine', 'amavis-virus', true),
    (75, 79, 'rejected', 'authentication', 'authentication_failed', 550, '5.7.26', 'Unauthenticated email from alpha.example is not accepted due to the domain''s DMARC policy', 'provider-dmarc', false),
    (77, 80, 'discarded', 'routing', 'filtered', 250, '2.0.0', 'Ok, discarded', 'sieve-discard', true),
    (80, 86, 'deferred', 'data', 'rate_limited', 421, '4.7.0', 'Too many messages from your address, try again later', 'text-rate', false),
    (81, 83, 'lost', 'routing', 'undefined', 250, '2.0.0', 'Ok: queued', 'no-trace', true),
    (84, 91, 'inbox', null, null, 250, '2.0.0', 'Ok', null, true),
    (87, 88, 'bounced', 'dns', 'domain_unknown', null, '5.4.4', 'Host or domain name not found. Name service error for name=%d type=MX: Host not found', 'local-nxdomain', false),
    (89, 99, 'accepted', null, null, 250, '2.0.0', 'Ok: queued as D5B8A', null, false),
    (92, 94, 'deferred', 'envelope', 'greylisted', 450, '4.2.0', '<%s>: Recipient address rejected: Greylisted', 'text-greylist', true),
    (95, 99, 'inbox', null, null, 250, '2.0.0', 'Ok', null, true);

create temp table m on commit drop as
select i, 1000000000000 + i * 7919::bigint * (case when i % 2 = 0 then -1 else 1 end) as id,
       timestamptz '2026-11-09 05:00:00+00' + make_interval(days => i % 7, secs => ((i * 613) % 57600) + (i % 10) * 0.125) as at,
       (i * 3) % 5 as r, (i * 37) % 100 as f, 'm' || lpad(i::text, 4, '0') || '@alpha.example' as mid,
       1 + (i % 9 = 0)::int as nrcpt
from generate_series(1, 640) as i;

create temp table d on commit drop as
select m.i, m.id, m.at, m.mid, m.f, k, rr.domain, rr.mx, rr.ip, rr.ours,
       case when k = 0 then 'user' else 'colleague' end || (m.i % 23) || '@' || rr.domain as rcpt,
       t.outcome, t.stage, t.reason, t.code, t.enhanced, t.rule,
       replace(replace(replace(replace(t.reply, '%s', case when k = 0 then 'user' else 'colleague' end || (m.i % 23) || '@' || rr.domain),
                               '%m', rr.mx), '%i', rr.ip), '%d', rr.domain) as reply,
       (case when t.outcome = 'expired' then 172800 when t.outcome = 'deferred' then 3600 + (m.i % 7) * 613
             when m.i % 17 = 0 then 900 + (m.i % 5) * 120 when m.i % 29 = 0 then 45 + m.i % 11
             else 0.4 + ((m.i * 31) % 53) * 0.11 end)::double precision as delay,
       case when t.outcome = 'expired' then 9 when t.outcome = 'deferred' then 3 when m.i % 17 = 0 then 2 else 1 end as tries
from m cross join generate_series(0, 1) as k
join receiver rr on rr.n = (m.r + k) % 5
join fate t on m.f between t.lo and t.hi and t.ours = rr.ours
where k < m.nrcpt;

insert into waybill.source (source_id, path, host, format, sha256, bytes, records, rejected, ignored, recorded_bytes,
                            rejected_bytes, ignored_bytes, first_at, last_at, ingested_at, state, lines, head_length,
                            head_sha256, options, resume_offset, load_id)
select n, path, host, format, sha256(path::bytea), bytes, records, rejected, ignored, bytes - rejected * 90 - ignored * 110,
       rejected * 90, ignored * 110, first_at, last_at, '2026-11-16 08:00+00', state, lines, least(bytes, 4096),
       sha256(('head ' || path)::bytea), '', bytes, 1
from (values
    (1, 'logs/msa/mail.log.1.gz', 'msa.alpha.example', 'postfix', 402113, 1410, 0, 93, timestamptz '2026-11-09 05:00:03+00', timestamptz '2026-11-12 05:00:00+00', 'complete', 2710),
    (2, 'logs/msa/mail.log', 'msa.alpha.example', 'postfix', 561880, 1893, 2, 121, timestamptz '2026-11-12 05:00:01+00', timestamptz '2026-11-15 21:04:10+00', 'growing', 3702),
    (3, 'logs/relay/mail.log.1', 'relay.alpha.example', 'postfix', 733190, 2504, 0, 90, timestamptz '2026-11-09 05:00:04+00', timestamptz '2026-11-12 04:58:31+00', 'complete', 4876),
    (4, 'logs/relay/mail.log', 'relay.alpha.example', 'postfix', 640277, 2230, 5, 88, timestamptz '2026-11-12 11:20:00+00', timestamptz '2026-11-15 21:04:15+00', 'complete', 4210),
    (5, 'logs/mxb/mail.log', 'mx1.mxb.example', 'postfix', 991004, 3117, 11, 402, timestamptz '2026-11-09 05:00:05+00', timestamptz '2026-11-15 21:05:00+00', 'complete', 6120),
    (6, 'mail/mxb/user1', null, 'maildir', 1810233, 212, 0, 0, timestamptz '2026-11-09 05:10:00+00', timestamptz '2026-11-15 20:40:00+00', 'complete', 0),
    (7, 'reports/bigmail.example!alpha.example.xml.gz', null, 'dmarc', 48210, 62, 0, 0, timestamptz '2026-11-09 00:00:00+00', timestamptz '2026-11-15 23:59:59+00', 'complete', 0),
    (8, 'reports/broken.xml', null, 'dmarc', 310, 0, 1, 0, null, null, 'complete', 0)
) as v (n, path, host, format, bytes, records, rejected, ignored, first_at, last_at, state, lines);
insert into waybill.source_path select source_id, path from waybill.source;

insert into waybill.reject
select source_id, 1000 + k * 180, 90, 40 + k * 3, reason, excerpt
from (values
    (2, 2, 'no date at the start of the line', 'mail.log was cut her'),
    (4, 5, 'Postfix line not understood', 'Nov 12 12:00:01 relay postfix/smtp[77]: %%%% unknown words'),
    (5, 8, 'line is not UTF-8 and was not repaired', E'Nov 13 \u00e4\u00f6\u00fc mx1 dovecot: lmtp(user): <b>bold</b> & "quoted"'),
    (5, 3, 'line longer than 65536 bytes', 'Nov 13 10:00:00 mx1 amavis[12]: (00012-01) AAAAAAAAAAAAAAAAAAAAAAAA'),
    (8, 1, 'XML: opening and ending tag mismatch (RFC 9990 section 3.1)', '<feedback><report_metadata><org_name>Broken')
) as v (source_id, n, reason, excerpt) cross join lateral generate_series(0, n - 1) as k;

insert into waybill.journey (journey_id, group_key, message_id, mail_from, header_from, subject, first_at, last_at, hops,
                             recipients, outcome, size)
select m.id, m.id, m.mid, 'news@alpha.example', 'Alpha News <news@alpha.example>',
       case when m.i % 13 = 0 then 'Größe & Preis: <b>neu</b> 日本語 ' || m.i else 'Weekly letter ' || m.i end,
       m.at, m.at + make_interval(secs => (select max(delay) from d where d.id = m.id)),
       (select 2 + max(d.ours::int) from d where d.id = m.id), m.nrcpt,
       (select d.outcome from d where d.id = m.id order by d.k desc limit 1), 3000 + (m.i * 17) % 9000
from m;

insert into waybill.hop (journey_id, group_key, first_at, seq, host, queue_id, transit_id, client_name, client_helo, client_ip,
                         protocol, tls_version, tls_cipher, auth_user, arrived_at, left_at, delay_s, clock_skew, seen_in)
select m.id, m.id, m.at, s.seq, s.host, s.q || upper(lpad(to_hex(m.i * 65521), 9, '0')), m.id * 4 + s.seq, s.cname, s.helo, s.cip::inet,
       s.proto, case when s.seq = 3 and m.i % 4 = 0 then null else 'TLSv1.3' end,
       case when s.seq = 3 and m.i % 4 = 0 then null else 'TLS_AES_256_GCM_SHA384' end, s.auth,
       m.at + s.gap, m.at + s.gap + interval '0.2 s', case when s.seq = 1 then null else s.dl end,
       s.dl < 0, case when s.seq = 3 then 'both' else 'log' end
from m
cross join lateral (values
    (1, 'msa.alpha.example', '4', 'laptop.alpha.example', 'laptop.alpha.example', '192.0.2.7', 'ESMTPSA', 'news', interval '0', 0::double precision),
    (2, 'relay.alpha.example', '5', 'msa.alpha.example', 'msa.alpha.example', '192.0.2.10', 'ESMTPS', null, interval '0.3 s', 0.3 + (m.i % 7) * 0.04),
    (3, 'mx1.mxb.example', '6', 'relay.alpha.example', 'relay.alpha.example', '192.0.2.20',
        case when m.i % 4 = 0 then 'ESMTP' else 'ESMTPS' end, null, interval '0.9 s',
        case when m.i % 41 = 0 then -97.2 when m.i % 17 = 0 then 912.5 else 0.5 + (m.i % 11) * 0.21 end)
) as s (seq, host, q, cname, helo, cip, proto, auth, gap, dl)
where s.seq < 3 or exists (select from d where d.id = m.id and d.ours);

insert into waybill.transit (transit_id, message_key, at, born_at, active_at, removed_at, host, queue_id, program, message_id,
                             mail_from, size, nrcpt, client_name, client_ip, client_helo, protocol, flags, source_id, byte_offset,
                             byte_length, lines, load_id)
select h.transit_id, h.journey_id, h.arrived_at, h.arrived_at, h.arrived_at, h.left_at, h.host, h.queue_id, 'postfix', m.mid,
       'news@alpha.example', 3000, m.nrcpt, h.client_name, h.client_ip, h.client_helo, h.protocol, 7,
       case h.seq when 1 then 2 when 2 then 4 else 5 end, m.i * 700, 100, '\x0064'::bytea, 1
from waybill.hop h join m on m.id = h.journey_id;

insert into waybill.attempt_log (attempt_id, transit_id, message_key, at, recipient, relay_host, relay_ip, relay_port, result,
                                 local, code, enhanced, reply, next_queue_id, delay_s, delay_queue_s, delay_active_s, delay_connect_s,
                                 delay_transmit_s, tls_version, stage, reason, rule, source_id, byte_offset, byte_length, load_id)
select d.id * 100 + d.k * 20 + t, d.id * 4 + 2, d.id, d.at + make_interval(secs => 0.5 + (t - 1) * d.delay / greatest(d.tries, 1)),
       d.rcpt, d.mx, d.ip::inet, 25,
       case when t < d.tries or d.outcome in ('expired', 'deferred') then 'deferred'
            when d.outcome in ('bounced', 'rejected') and d.reason <> 'mailbox_full' then 'bounced' else 'sent' end,
       false,
       case when t < d.tries and d.tries = 2 then 450 else d.code end,
       case when t < d.tries and d.tries = 2 then '4.2.0' else d.enhanced end,
       case when t < d.tries and d.tries = 2 then '<' || d.rcpt || '>: Recipient address rejected: Greylisted' else d.reply end,
       case when d.ours and d.outcome <> 'deferred' and t = d.tries then '6' || upper(lpad(to_hex(d.i * 65521), 9, '0')) end,
       0.6 + (t - 1) * d.delay / greatest(d.tries, 1), 0.1, 0.02, 0.2 + (d.i % 9) * 0.01, 0.3,
       case when d.ours then 'TLSv1.3' end, d.stage, d.reason, d.rule, 4, d.i * 900 + t * 120, 110, 1
from d cross join lateral generate_series(1, d.tries) as t;

insert into waybill.delivery (journey_id, group_key, first_at, recipient, final_recipient, outcome, stage, reason, rule, code,
                              enhanced, reply, decided_by, decided_at, attempts, first_attempt_at, last_attempt_at, delay_s,
                              placement, receiver, attempt_id, provider)
select d.id, d.id, d.at, d.rcpt, d.rcpt, d.outcome, d.stage, d.reason, d.rule, d.code, d.enhanced, d.reply, d.mx,
       d.at + make_interval(secs => d.delay), d.tries, d.at + interval '0.5 s', d.at + make_interval(secs => d.delay), d.delay,
       case d.outcome when 'inbox' then 'INBOX' when 'junk' then 'Junk' when 'category' then 'Promotions' end, d.domain,
       d.id * 100 + d.k * 20 + d.tries, case when d.domain = 'bigmail.example' then 'bigmail' end
from d;

insert into waybill.finding (journey_id, group_key, first_at, hop_seq, stage, severity, code, detail)
select m.id, m.id, m.at, x.seq, x.stage, x.severity, x.code, x.detail
from m cross join lateral (values
    (m.i % 17 = 0, 2, 'envelope', 'degradation', 'greylisted', 'first attempt answered 450 4.2.0, accepted 15 min later'),
    (m.i % 4 = 0 and m.r = 0, 3, 'tls', 'degradation', 'plaintext_hop', 'relay.alpha.example to mx1.mxb.example without TLS'),
    (m.i % 41 = 0 and m.r = 0, 3, 'queue', 'note', 'clock_skew', 'mx1.mxb.example is 97.2 s behind'),
    (m.i % 19 = 0, null, 'authentication', 'degradation', 'dkim_broken', 'body hash differs after the list footer was added'),
    (m.f between 75 and 79, null, 'authentication', 'failure', 'dmarc_fail', 'neither SPF nor DKIM aligned with alpha.example (p=reject)'),
    (m.f between 63 and 69 and m.r = 0, 3, 'content', 'degradation', 'spam_score', 'score 6.8 of 5.0'),
    (m.f between 81 and 83 and m.r = 0, 3, 'routing', 'failure', 'no_trace', 'accepted by mx1.mxb.example, then nothing')
) as x (yes, seq, stage, severity, code, detail)
where x.yes;

insert into waybill.auth_result (journey_id, group_key, method, domain, selector, result, aligned, reason, said_by, at)
select m.id, m.id, x.method, 'alpha.example', x.selector,
       case when x.method = 'dkim' and m.i % 19 = 0 then 'fail' when m.f between 75 and 79 and x.method <> 'arc' then 'fail' else 'pass' end,
       case when x.method in ('spf', 'dkim') then not (m.f between 75 and 79) end,
       case when x.method = 'dkim' and m.i % 19 = 0 then 'body hash did not verify' end, w.said_by, m.at
from m cross join (values ('spf', null), ('dkim', 's1'), ('dmarc', null)) as x (method, selector)
cross join (values ('waybill'), ('mx1.mxb.example')) as w (said_by)
where m.r = 0;

insert into waybill.refusal (refusal_id, message_key, at, host, client_name, client_ip, helo, mail_from, recipient, action, stage,
                             reason, rule, code, enhanced, reply, source_id, byte_offset, byte_length, load_id)
select 5000 + k, null, timestamptz '2026-11-09 06:00+00' + make_interval(hours => k), 'mx1.mxb.example',
       case when k % 3 = 0 then 'unknown' else 'host' || k % 5 || '.spoof.example' end, ('203.0.113.' || 100 + k % 9)::inet,
       'spoof.example', 'ceo@alpha.example', 'user' || k % 7 || '@mxb.example', 'reject', x.stage, x.reason, x.rule,
       x.code::smallint, x.enhanced, x.reply, 5, 50000 + k * 200, 180, 1
from generate_series(1, 90) as k
join (values
    (0, 'envelope', 'relay_denied', 'text-relay', 454, '4.7.1', '<someone@elsewhere.example>: Relay access denied'),
    (1, 'helo', 'ptr_required', 'text-ptr', 450, '4.7.25', 'Client host rejected: cannot find your hostname'),
    (2, 'authentication', 'authentication_failed', 'text-dmarc', 550, '5.7.1', 'rejected by DMARC policy for alpha.example'),
    (3, 'envelope', 'user_unknown', 'enhanced-5.1.1', 550, '5.1.1', 'Recipient address rejected: User unknown')
) as x (n, stage, reason, rule, code, enhanced, reply) on x.n = (k * 7) % 13 % 4;

-- A bounce that tells of a message, as a journey of its own.
insert into waybill.journey (journey_id, group_key, message_id, mail_from, header_from, subject, first_at, last_at, hops,
                             recipients, outcome, size, about_journey_id, about_type)
select m.id + 1, m.id + 1, 'bounce.' || m.mid, '', 'MAILER-DAEMON@relay.alpha.example', 'Undelivered Mail Returned to Sender',
       m.at + interval '1 day', m.at + interval '1 day 2 s', 1, 1, 'inbox', 4100, m.id, 'bounce'
from m where m.i in (select d.i from d where d.outcome = 'bounced' order by d.i limit 4);
insert into waybill.delivery (journey_id, group_key, first_at, recipient, final_recipient, outcome, attempts, delay_s, receiver,
                              decided_by, decided_at, placement)
select journey_id, group_key, first_at, 'news@alpha.example', 'news@alpha.example', 'inbox', 1, 1.5, 'alpha.example',
       'msa.alpha.example', first_at, 'INBOX'
from waybill.journey where about_journey_id is not null;

insert into waybill.reputation (reputation_id, provider, subject_kind, subject, ip, domain, begin_at, end_at, reputation, spam_rate,
                                spf_rate, dkim_rate, dmarc_rate, trap_hits, source_id, byte_offset, byte_length, load_id)
values (1, 'google', 'domain', 'alpha.example', null, null, '2026-11-10+00', '2026-11-11+00', 'high', 0.001, 1, 0.99, 0.98, null, 7, 0, 100, 1),
       (2, 'google', 'domain', 'alpha.example', null, null, '2026-11-11+00', '2026-11-12+00', 'medium', 0.004, 1, 0.97, 0.97, null, 7, 100, 100, 1),
       (3, 'microsoft', 'ip', '192.0.2.10', '192.0.2.10', null, '2026-11-10+00', '2026-11-11+00', 'red', 0.024, null, null, null, 3, 7, 200, 100, 1);

insert into waybill.dmarc_report (report_key, org_name, email, report_id, begin_at, end_at, domain, p, sp, adkim, aspf, pct, version,
                                  records, messages, source_id, byte_offset, byte_length, load_id)
select g * 10 + o.n, o.org, 'dmarc@' || o.org, 'r' || g, timestamptz '2026-11-09+00' + make_interval(days => g),
       timestamptz '2026-11-09 23:59:59+00' + make_interval(days => g), o.dom, case when g < 4 then 'none' else o.p end, o.sp, 'r', 'r', 100,
       '1.0', 0, 0, 7, g * 400 + o.n, 400, 1
from generate_series(0, 6) as g
cross join (values (1, 'bigmail.example', 'alpha.example', 'reject', 'reject'), (2, 'corp.example', 'alpha.example', 'reject', 'reject'),
                   (3, 'uni.example', 'beta.example', 'quarantine', null)) as o (n, org, dom, p, sp);
insert into waybill.dmarc_record (report_key, seq, source_ip, raw_source_ip, count, disposition, dkim, spf, header_from,
                                  envelope_from, envelope_to, reasons)
select r.report_key, x.seq, x.ip::inet, x.ip, x.n + r.report_key % 11, case when x.dkim = 'fail' and x.spf = 'fail' and r.p <> 'none' then r.p else 'none' end,
       x.dkim, x.spf, r.domain, x.env, null, x.reasons
from waybill.dmarc_report r
cross join (values
    (0, '192.0.2.20', 410, 'pass', 'pass', 'alpha.example', ''),
    (1, '2001:db8:5::20', 96, 'pass', 'fail', 'lists.uni.example', '[{"type":"mailing_list","comment":"arc=pass"}]'),
    (2, '198.51.100.201', 31, 'fail', 'pass', 'bounce.alpha.example', ''),
    (3, '203.0.113.104', 58, 'fail', 'fail', 'spoof.example', '')) as x (seq, ip, n, dkim, spf, env, reasons);
update waybill.dmarc_record
set auth_key = hashtextextended(row(header_from, envelope_from, case when seq = 3 then 'pass' else spf end, dkim, seq < 3)::text, 0);
insert into waybill.dmarc_auth_set (auth_key, position, method, domain, selector, scope, result)
select distinct auth_key, 0, 'spf', envelope_from, null, 'mfrom', case when seq = 3 then 'pass' else spf end from waybill.dmarc_record
union
select auth_key, 1, 'dkim', header_from, 's1', null, dkim from waybill.dmarc_record where seq < 3;
update waybill.dmarc_report r set records = s.n, messages = s.c
from (select report_key, count(*) as n, sum(count) as c from waybill.dmarc_record group by 1) as s where s.report_key = r.report_key;
commit;
