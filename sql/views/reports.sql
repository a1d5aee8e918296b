-- DMARC and TLS reports as reports count them.

-- The time that a report counts for: the middle of its period, so that one that runs from 10 to 10 o'clock, or ends
-- with the first second of the next day, belongs to one day only.
create or replace function waybill.report_at(begin_at timestamptz, end_at timestamptz) returns timestamptz
language sql stable as
$$ select case when end_at > begin_at then begin_at + (end_at - begin_at) / 2 else coalesce(begin_at, end_at) end $$;

-- A reply with its codes, each said once: what MTAs log is often "host x said: 550 5.1.1 ...".
create or replace function waybill.reply_said(code integer, enhanced text, reply text) returns text
language sql immutable as
$$
    select concat_ws(' ', case when reply ~ ('(^| )' || code || '([ -]|$)') is not true then code end,
                          case when position(enhanced in reply) > 0 is not true then enhanced end, reply)
$$;

-- The network that stands for a sender whom nothing names, which takes less than its text to sort by.
create or replace function waybill.sender_network(title text, org_domain text, as_name text, ip inet) returns cidr
language sql immutable as
$$
    select case when coalesce(title, org_domain, as_name) is null then network(set_masklen(ip, case family(ip) when 4 then 24 else 48 end)) end;
$$;

-- Who sends, in one word: own, the service, the organisation, whose network it is, the network.
create or replace function waybill.sender_name(standing text, title text, org_domain text, as_name text, ip inet) returns text
language sql immutable as
$$
    select case when standing = 'own' then coalesce(title, 'own')
                else coalesce(title, org_domain, as_name,
                              network(set_masklen(ip, case family(ip) when 4 then 24 else 48 end))::text, 'unreadable') end
$$;

-- What records say of DKIM and SPF, as stored once for all that say the same.
create or replace view waybill.dmarc_auth as
select c.report_key, c.seq, a.position, a.method, a.domain, a.selector, a.scope, a.result, a.raw_result, a.human_result
from waybill.dmarc_record c
join waybill.dmarc_auth_set a using (auth_key);

-- One row per record: who reported, who sent, how it went.
create or replace view waybill.dmarc_traffic as
select r.report_key, c.seq, waybill.report_at(r.begin_at, r.end_at) as at, r.begin_at, r.end_at,
       coalesce(r.org_name, r.email, 'unknown') as reporter, r.report_id,
       r.domain as policy_domain, coalesce(c.header_from, r.domain) as header_from, c.envelope_from, c.envelope_to,
       c.source_ip, coalesce(host(c.source_ip), c.raw_source_ip, 'unreadable') as source, c.count, c.disposition, c.dkim, c.spf,
       c.dkim = 'pass' and c.dkim is not null or c.spf = 'pass' and c.spf is not null as passed,
       case when c.dkim = 'pass' and c.spf = 'pass' then 'both' when c.dkim = 'pass' then 'dkim' when c.spf = 'pass' then 'spf'
            else 'none' end as aligned_by,
       c.reasons, r.p, r.sp, r.np, r.pct, r.testing, r.load_id,
       coalesce(i.standing, 'unknown') as standing, i.service, i.kind,
       waybill.sender_name(i.standing, i.title, i.org_domain, i.as_name, c.source_ip) as sender,
       i.ptr, i.confirmed, i.org_domain, i.country, i.asn, i.as_name, i.known_by, i.mark
from waybill.dmarc_report r
join waybill.dmarc_record c using (report_key)
left join waybill.source_identity i on i.ip = c.source_ip;

-- The period of a report and the one of same length before.  Without a beginning the last seven days that reports
-- speak of are compared with the seven before; without an end it lasts to the end of the last report's day, or, where
-- nothing came since the beginning, to the end of today (waybill.now: --now).  "Before" ends with the calendar.
create or replace function waybill.compared_periods(since timestamptz, until timestamptz, latest timestamptz)
returns table (before_at timestamptz, since_at timestamptz, until_at timestamptz)
language sql stable as
$$
    select case when u - s < s - '0001-01-01 00:00+00' then s - (u - s) else '0001-01-01 00:00+00' end, s, u
    from (select coalesce(since, u - interval '7 days') as s, u
          from (select coalesce(until, date_trunc('day', case when latest >= since is not false then latest
                                                              else coalesce(nullif(current_setting('waybill.now', true), '')::timestamptz, now()) end
                                                         at time zone 'UTC') at time zone 'UTC' + interval '1 day') as u) as upper) as both_ends
    where isfinite(s) and isfinite(u) and s < u
$$;

create or replace view waybill.override_word as
select * from (values
    ('forwarded', 'The receiver takes the message for forwarded (RFC 7489); forwarding breaks SPF, and DKIM where it changes the message'),
    ('mailing_list', 'The receiver takes the message for one of a mailing list, which breaks SPF and often DKIM'),
    ('trusted_forwarder', 'Forwarded by somebody whom the receiver trusts, often shown by ARC'),
    ('local_policy', 'A rule of the receiver''s own: an allow-list, ARC, reputation, a rule that spares mail from rejection'),
    ('sampled_out', 'The policy is for pct percent of messages only, and this one was not among them (RFC 7489)'),
    ('policy_test_mode', 'The policy is being tested (t=y), so it is applied one step lower (RFC 9990)'),
    ('other', 'Another reason; its comment tells, if the receiver gave one')
) as w (type, meaning);

create or replace view waybill.tls_result_word as
select * from (values
    ('starttls-not-supported', 'The MX did not offer STARTTLS', 'Turn on TLS on this MX; look for a middlebox that strips STARTTLS'),
    ('certificate-host-mismatch', 'The certificate does not name the MX', 'Get a certificate that holds the MX''s host name as DNS alternative name'),
    ('certificate-expired', 'The certificate has expired', 'Renew it, and let the server load it: an old one often stays in memory'),
    ('certificate-not-trusted', 'No trusted authority vouches for the certificate', 'Send the intermediate certificates along; use an authority that senders trust'),
    ('validation-failure', 'Validation failed for a reason of no other type', 'See the reason code; try with a TLS client against this MX'),
    ('tlsa-invalid', 'TLSA records exist, and none fits the certificate', 'Publish the TLSA record of the new certificate before it is used; remove wrong ones'),
    ('dnssec-invalid', 'DNSSEC of the domain could not be validated', 'Repair the signatures, keys or DS records of the zone'),
    ('dane-required', 'The sender wanted DANE and found no usable TLSA record', 'Publish TLSA records, or let the sender know that there are none'),
    ('sts-policy-fetch-error', 'The policy of MTA-STS could not be fetched over HTTPS', 'Look whether https://mta-sts.DOMAIN/.well-known/mta-sts.txt answers, without redirection'),
    ('sts-policy-invalid', 'The policy of MTA-STS does not follow its syntax', 'Correct mta-sts.txt: version, mode, mx, max_age'),
    ('sts-webpki-invalid', 'The certificate of the policy''s web host did not validate', 'Give mta-sts.DOMAIN a valid certificate')
) as w (result_type, meaning, advice);
