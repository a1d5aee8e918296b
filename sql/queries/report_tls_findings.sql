-- What should be looked at, gravest first.  $1 since, $2 until.
with p as (
    select * from waybill.compared_periods($1::timestamptz, $2::timestamptz,
                                           (select max(waybill.report_at(begin_at, end_at)) from waybill.tls_report))
), reports as materialized (
    select r.report_key, r.reporter, r.at, r.end_at from (select *, coalesce(organization_name, contact_info, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.tls_report) as r
), failing as (
    select 'failure' as severity, 'tls_failing' as code, x.policy_domain || coalesce(' at ' || f.receiving_mx_hostname, '') as subject,
           sum(f.failed_sessions) filter (where r.at >= p.since_at) as sessions,
           f.result_type || ': ' || coalesce(w.meaning, 'no result type of RFC 8460') || coalesce('. ' || w.advice, '')
               || case when count(*) filter (where r.at < p.since_at) = 0 and exists (select from reports o where o.at < p.since_at)
                       then '. New: never reported before' else '' end as detail
    from reports r
    join waybill.tls_policy x using (report_key)
    join waybill.tls_failure f using (report_key, policy)
    left join waybill.tls_result_word w using (result_type), p
    where r.at < p.until_at
    group by x.policy_domain, f.receiving_mx_hostname, f.result_type, w.meaning, w.advice, p.since_at
    having sum(f.failed_sessions) filter (where r.at >= p.since_at) > 0
), no_policy as (
    select 'note', 'no_policy', x.policy_domain, coalesce(sum(x.successful_sessions), 0) + coalesce(sum(x.failed_sessions), 0),
           'senders find neither DANE nor MTA-STS: nothing makes them insist on TLS, or on the right certificate'
    from reports r
    join waybill.tls_policy x using (report_key), p
    where r.at >= p.since_at and r.at < p.until_at and x.policy_domain is not null
    group by x.policy_domain
    having bool_and(x.policy_type = 'no-policy-found')
), lost_policy as (
    select 'degradation', 'policy_lost', x.policy_domain, null::numeric,
           'senders found ' || string_agg(distinct x.policy_type, ', ') filter (where r.at < p.since_at and x.policy_type <> 'no-policy-found')
               || ' in the period before, none now'
    from reports r
    join waybill.tls_policy x using (report_key), p
    where r.at >= p.before_at and r.at < p.until_at
    group by x.policy_domain
    having bool_or(r.at < p.since_at and x.policy_type in ('sts', 'tlsa')) and bool_and(x.policy_type = 'no-policy-found') filter (where r.at >= p.since_at)
), silent as (
    select 'degradation', 'reporter_silent', b.reporter, null::numeric,
           'sent ' || b.reports || ' report' || case when b.reports = 1 then '' else 's' end
               || ' in the period before, none in this; the last reached to ' || to_char(b.last_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
    from (select r.reporter, count(*) as reports, max(r.end_at) as last_at from reports r, p
          where r.at >= p.before_at and r.at < p.since_at group by 1) as b, p
    where not exists (select from reports r where r.reporter = b.reporter and r.at >= p.since_at and r.at < p.until_at)
), resent as (
    select 'note', 'resent', r.reporter, null::numeric,
           count(*) || ' report' || case when count(*) = 1 then '' else 's' end || ' came again with another content; the fuller one counts'
    from (select report_key from waybill.tls_resend group by 1) as x
    join reports r using (report_key), p
    where r.at >= p.since_at and r.at < p.until_at
    group by r.reporter
), nothing as (
    select 'failure', 'no_reports', 'all domains', null::numeric,
           'not one TLS report from ' || to_char(p.since_at at time zone 'UTC', 'YYYY-MM-DD') || ' to ' || to_char(p.until_at at time zone 'UTC', 'YYYY-MM-DD')
               || ': look at the record _smtp._tls of your domains, and at the mailbox it names'
    from p
    where not exists (select from reports r where r.at >= p.since_at and r.at < p.until_at)
)
select severity, code, subject, sessions, detail
from (select * from failing union all select * from nothing union all select * from lost_policy union all select * from silent union all
      select * from resent union all select * from no_policy) as f
order by case severity when 'failure' then 1 when 'degradation' then 2 else 3 end, sessions desc nulls first, code, subject, detail
limit nullif(current_setting('waybill.rows', true), '')::bigint;
