-- Reports of one identity that are here already or come twice, each with the hash of what it says; the fullest is
-- the first of its place, whichever came first.
with again as materialized (
    select report_key from stage_report group by 1 having count(*) > 1
    union
    select s.report_key from stage_report s where exists (select from waybill.dmarc_report o where o.report_key = s.report_key)
), reports as (
    select report_key, instance, source_id, byte_offset, byte_length, load_id, row(p, sp, np, adkim, aspf, pct, testing)::text as policy
    from stage_report where report_key in (select report_key from again)
    union all
    select report_key, 0, source_id, byte_offset, byte_length, load_id, row(p, sp, np, adkim, aspf, pct, testing)::text
    from waybill.dmarc_report where report_key in (select report_key from again)
), records as (
    select report_key, instance, count, dkim, spf, auth_key,
           row(source_ip, raw_source_ip, count, disposition, raw_dkim, raw_spf, header_from, envelope_from, envelope_to, reasons)::text as said
    from stage_record where report_key in (select report_key from again)
    union all
    select report_key, 0, count, dkim, spf, auth_key,
           row(source_ip, raw_source_ip, count, disposition, raw_dkim, raw_spf, header_from, envelope_from, envelope_to, reasons)::text
    from waybill.dmarc_record where report_key in (select report_key from again)
), auths as (
    select report_key, instance, sum(hashtextextended(row(method, domain, selector, scope, raw_result)::text, 2)::numeric) as sum
    from records join waybill.dmarc_auth_set using (auth_key)
    group by 1, 2
), sums as (
    select report_key, instance, count(*) as records, sum(count) as messages, sum(count) filter (where dkim = 'pass' or spf = 'pass') as passed,
           sum(hashtextextended(said, 1)::numeric) as sum
    from records
    group by 1, 2
), contents as (
    select r.*, coalesce(s.records, 0) as records, coalesce(s.messages, 0) as messages, coalesce(s.passed, 0) as passed,
           ((hashtextextended(r.policy, 0) + coalesce(s.sum, 0) + coalesce(a.sum, 0)) % 9223372036854775807)::bigint as content
    from reports r
    left join sums s using (report_key, instance)
    left join auths a using (report_key, instance)
)
insert into stage_again
select report_key, instance, content, records, messages, passed, source_id, byte_offset, byte_length, load_id,
       dense_rank() over (partition by report_key order by records desc, messages desc, content)
from contents;

-- Where they differ, each content is noted, and one that is here gives way to a fuller one.
insert into waybill.dmarc_resend as s
select distinct on (report_key, content) report_key, content, place = 1, records, messages, passed, source_id, byte_offset, byte_length, load_id
from stage_again a
where exists (select from stage_again o where o.report_key = a.report_key and o.place > 1)
order by report_key, content, instance
on conflict (report_key, content) do update set counts = excluded.counts;

update waybill.dmarc_resend s set counts = false
from stage_again a
where a.report_key = s.report_key and a.place = 1 and s.counts and s.content <> a.content;

delete from waybill.dmarc_record t using stage_again a where a.report_key = t.report_key and a.instance = 0 and a.place > 1;
delete from waybill.dmarc_report t using stage_again a where a.report_key = t.report_key and a.instance = 0 and a.place > 1;

-- A report that came twice in this batch counts once, as does one that was here before.
with fresh as (
    select distinct on (r.report_key) r.* from stage_report r
    left join stage_again a using (report_key, instance)
    where not exists (select from waybill.dmarc_report o where o.report_key = r.report_key)
    order by r.report_key, a.place, r.instance
), reports as (
    insert into waybill.dmarc_report
    select report_key, org_name, email, extra_contact_info, report_id, error, generator, version, begin_at, end_at,
           domain, p, sp, np, adkim, aspf, fo, testing, discovery_method, pct, extension, problems, records,
           messages, source_id, byte_offset, byte_length, load_id
    from fresh
)
insert into waybill.dmarc_record
select r.report_key, r.seq, r.source_ip, r.raw_source_ip, r.count, r.disposition, r.raw_disposition, r.dkim,
       r.raw_dkim, r.spf, r.raw_spf, r.header_from, r.envelope_from, r.envelope_to, r.reasons, r.extension, r.auth_key
from stage_record r join fresh f using (report_key, instance);

-- The same of TLS reports: the fuller one has more policies, then more failures, then more sessions.
with again as materialized (
    select report_key from stage_tls_report group by 1 having count(*) > 1
    union
    select s.report_key from stage_tls_report s where exists (select from waybill.tls_report o where o.report_key = s.report_key)
), reports as (
    select report_key, instance, source_id, byte_offset, byte_length, load_id
    from stage_tls_report where report_key in (select report_key from again)
    union all
    select report_key, 0, source_id, byte_offset, byte_length, load_id
    from waybill.tls_report where report_key in (select report_key from again)
), policies as (
    select report_key, instance, count(*) as policies, sum(successful_sessions) as successful, sum(failed_sessions) as failed,
           sum(hashtextextended(said, 1)::numeric) as sum
    from (select report_key, instance, successful_sessions, failed_sessions,
                 row(policy_type, policy_string, policy_domain, mx_host, successful_sessions, failed_sessions)::text as said
          from stage_tls_policy where report_key in (select report_key from again)
          union all
          select report_key, 0, successful_sessions, failed_sessions,
                 row(policy_type, policy_string, policy_domain, mx_host, successful_sessions, failed_sessions)::text
          from waybill.tls_policy where report_key in (select report_key from again)) as p
    group by 1, 2
), failures as (
    select report_key, instance, count(*) as failures, sum(hashtextextended(said, 2)::numeric) as sum
    from (select report_key, instance, row(result_type, sending_mta_ip, receiving_mx_hostname, receiving_mx_helo, receiving_ip,
                                           failed_sessions, additional_information, failure_reason_code)::text as said
          from stage_tls_failure where report_key in (select report_key from again)
          union all
          select report_key, 0, row(result_type, sending_mta_ip, receiving_mx_hostname, receiving_mx_helo, receiving_ip,
                                    failed_sessions, additional_information, failure_reason_code)::text
          from waybill.tls_failure where report_key in (select report_key from again)) as f
    group by 1, 2
), contents as (
    select r.*, coalesce(p.policies, 0) as policies, coalesce(f.failures, 0) as failures,
           least(coalesce(p.successful, 0), 9223372036854775807)::bigint as successful, least(coalesce(p.failed, 0), 9223372036854775807)::bigint as failed,
           ((coalesce(p.sum, 0) + coalesce(f.sum, 0)) % 9223372036854775807)::bigint as content
    from reports r
    left join policies p using (report_key, instance)
    left join failures f using (report_key, instance)
)
insert into stage_tls_again
select report_key, instance, content, policies, failures, successful, failed, source_id, byte_offset, byte_length, load_id,
       dense_rank() over (partition by report_key order by policies desc, failures desc, successful::numeric + failed desc, content)
from contents;

insert into waybill.tls_resend as s
select distinct on (report_key, content) report_key, content, place = 1, policies, failures, successful, failed,
       source_id, byte_offset, byte_length, load_id
from stage_tls_again a
where exists (select from stage_tls_again o where o.report_key = a.report_key and o.place > 1)
order by report_key, content, instance
on conflict (report_key, content) do update set counts = excluded.counts;

update waybill.tls_resend s set counts = false
from stage_tls_again a
where a.report_key = s.report_key and a.place = 1 and s.counts and s.content <> a.content;

delete from waybill.tls_failure t using stage_tls_again a where a.report_key = t.report_key and a.instance = 0 and a.place > 1;
delete from waybill.tls_policy t using stage_tls_again a where a.report_key = t.report_key and a.instance = 0 and a.place > 1;
delete from waybill.tls_report t using stage_tls_again a where a.report_key = t.report_key and a.instance = 0 and a.place > 1;

with fresh as (
    select distinct on (r.report_key) r.* from stage_tls_report r
    left join stage_tls_again a using (report_key, instance)
    where not exists (select from waybill.tls_report o where o.report_key = r.report_key)
    order by r.report_key, a.place, r.instance
), reports as (
    insert into waybill.tls_report
    select report_key, organization_name, contact_info, report_id, begin_at, end_at, source_id, byte_offset,
           byte_length, problems, load_id
    from fresh
), policies as (
    insert into waybill.tls_policy
    select p.report_key, p.policy, p.policy_type, p.policy_string, p.policy_domain, p.mx_host,
           p.successful_sessions, p.failed_sessions
    from stage_tls_policy p join fresh f using (report_key, instance)
)
insert into waybill.tls_failure
select t.report_key, t.policy, t.position, t.result_type, t.sending_mta_ip, t.receiving_mx_hostname,
       t.receiving_mx_helo, t.receiving_ip, t.failed_sessions, t.additional_information, t.failure_reason_code
from stage_tls_failure t join fresh f using (report_key, instance);

insert into waybill.dmarc_failure select * from stage_failure on conflict do nothing;

insert into waybill.complaint select * from stage_complaint on conflict do nothing;

with fresh as (
    select distinct on (dsn_key) * from stage_dsn d
    where not exists (select from waybill.dsn o where o.dsn_key = d.dsn_key)
    order by dsn_key, instance
), notifications as (
    insert into waybill.dsn
    select dsn_key, message_key, journey_id, at, form, message_id, reported_by, subject, reporting_mta,
           received_from_mta, envelope_id, original_queue_id, arrival_at, original_message_id, original_mail_from,
           original_from, original_subject, original_date, recipients, source_id, byte_offset, byte_length, load_id
    from fresh
)
insert into waybill.dsn_recipient
select r.dsn_key, r.position, r.recipient, r.original_recipient, r.action, r.status, r.code, r.enhanced, r.reply,
       r.reply_type, r.remote_mta, r.last_attempt_at, r.will_retry_until, r.final_log_id, r.stage, r.reason,
       r.provider, r.rule
from stage_dsn_recipient r join fresh f using (dsn_key, instance);
