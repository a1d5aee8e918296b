-- What should be looked at, gravest first.  $1 since, $2 until.
-- needs: dmarc_reports dmarc_compared
with p as (
    select * from waybill.compared_periods($1::timestamptz, $2::timestamptz,
                                           (select max(at) from dmarc_reports))
), reports as materialized (
    select t.report_key, t.reporter, t.domain, t.at, t.end_at,
           concat_ws(' ', 'p=' || coalesce(r.p, '?'), 'sp=' || r.sp, 'np=' || r.np, 'pct=' || nullif(r.pct, 100), 't=' || nullif(r.testing, 'n'),
                     'adkim=' || nullif(r.adkim, 'r'), 'aspf=' || nullif(r.aspf, 'r')) as policy
    from dmarc_reports t
    join waybill.dmarc_report r using (report_key)
), newly as (
    select 'failure' as severity, 'newly_failing' as code,
           waybill.sender_name(s.standing, s.title, s.org_domain, s.as_name, s.network) || ' as ' || s.header_from as subject, s.messages,
           s.fail || ' of ' || s.messages || ' messages from ' || coalesce(host(s.source_ip), s.raw) || ' fail, ' || s.fail_before || ' of ' || s.messages_before
               || ' in the period before' as detail
    from dmarc_compared s
    where s.messages_before > s.fail_before and s.fail > 0
      and s.fail::numeric / s.messages >= 0.2 + coalesce(s.fail_before::numeric / nullif(s.messages_before, 0), 0)
), named as materialized (
    select standing, title, org_domain, as_name, network, header_from, sum(messages) as messages, sum(messages_before) as messages_before, sum(fail) as fail,
           min(case when standing = 'own' and fail > 0 then coalesce(host(source_ip), raw) end) as failing,
           sum(messages) filter (where standing = 'own' and fail > 0) as failing_messages,
           count(*) filter (where is_new) as new_addresses, sum(messages) filter (where is_new) as new_messages, sum(fail) filter (where is_new) as new_fail,
           min(case when is_new then coalesce(host(source_ip), raw) end) as new
    from dmarc_compared
    group by 1, 2, 3, 4, 5, 6
), senders as materialized (
    select waybill.sender_name(standing, title, org_domain, as_name, network) as sender, coalesce(standing, 'unknown') as standing, header_from,
           sum(messages) as messages, sum(messages_before) as messages_before, sum(fail) as fail, min(failing) as failing,
           sum(failing_messages) as failing_messages, sum(new_addresses) as new_addresses, sum(new_messages) as new_messages,
           sum(new_fail) as new_fail, min(new) as new
    from named
    group by 1, 2, 3
), fresh as (
    select case when new_fail * 2 >= new_messages then 'degradation' else 'note' end, 'new_source', sender || ' as ' || header_from, new_messages,
           new_addresses || ' address' || case when new_addresses = 1 then '' else 'es' end || ' never seen before, ' || new_fail || ' of '
               || new_messages || ' messages fail; ' || standing || '; such as ' || new
    from senders
    where new_addresses > 0
), own as (
    select 'failure', 'own_failing', sender || ' as ' || header_from, fail,
           fail || ' of ' || failing_messages || ' messages of your own sources fail; such as ' || failing
    from senders
    where standing = 'own' and failing is not null
), silent as (
    select 'degradation', 'reporter_silent', b.reporter, null::numeric,
           'sent ' || b.reports || ' report' || case when b.reports = 1 then '' else 's' end || ' for ' || b.days || ' day'
               || case when b.days = 1 then '' else 's' end || ' in the period before, none in this; the last reached to '
               || to_char(b.last_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
    from (select r.reporter, count(*) as reports, count(distinct (r.at at time zone 'UTC')::date) as days, max(r.end_at) as last_at
          from reports r, p where r.at >= p.before_at and r.at < p.since_at group by 1) as b, p
    where not exists (select from reports r where r.reporter = b.reporter and r.at >= p.since_at and r.at < p.until_at)
), nothing as (
    select 'failure' as severity, 'no_reports' as code, 'all domains' as subject, null::numeric as messages,
           'not one DMARC report from ' || to_char(p.since_at at time zone 'UTC', 'YYYY-MM-DD') || ' to '
               || to_char(p.until_at at time zone 'UTC', 'YYYY-MM-DD')
               || coalesce('; the last before reached to ' || to_char((select max(end_at) from reports r where r.at < p.since_at) at time zone 'UTC',
                                                                     'YYYY-MM-DD HH24:MI'), '')
               || ': look at rua in the DMARC record, and at the mailbox it names' as detail
    from p
    where not exists (select from reports r where r.at >= p.since_at and r.at < p.until_at)
), empty_days as (
    select 'note', 'days_without_reports', 'all domains', null::numeric,
           count(*) || ' day' || case when count(*) = 1 then '' else 's' end || ' without any report: '
               || left(string_agg(to_char(d.day, 'YYYY-MM-DD'), ', ' order by d.day), 120)
    from p
    cross join lateral generate_series((p.since_at at time zone 'UTC')::date,
                                       least((p.until_at - interval '1 second') at time zone 'UTC',
                                             (select max(r.at) at time zone 'UTC' from reports r where r.at < p.until_at))::date, interval '1 day') as d (day)
    where p.until_at - p.since_at <= interval '400 days'
      and exists (select from reports r where r.at >= p.since_at and r.at < p.until_at)
      and not exists (select from reports r where (r.at at time zone 'UTC')::date = d.day)
    having count(*) > 0
), changed as (
    select 'note', 'policy_changed', n.domain, null::numeric, 'from ' || b.policy || ' to ' || n.policy
    from (select distinct on (r.domain) r.domain, r.policy from reports r, p where r.at >= p.since_at and r.at < p.until_at
          order by r.domain, r.at desc, r.report_key) as n
    join (select distinct on (r.domain) r.domain, r.policy from reports r, p where r.at < p.since_at
          order by r.domain, r.at desc, r.report_key) as b using (domain)
    where b.policy <> n.policy
), resent as (
    select 'note', 'resent', r.reporter, null::numeric,
           count(*) || ' report' || case when count(*) = 1 then '' else 's' end || ' came again with another content; the fuller one counts'
    from (select report_key from waybill.dmarc_resend group by 1) as x
    join reports r using (report_key), p
    where r.at >= p.since_at and r.at < p.until_at
    group by r.reporter
), moved as (
    select 'note', case when messages > messages_before then 'much_more' else 'much_less' end, sender || ' as ' || header_from,
           messages, messages || ' messages, ' || messages_before || ' in the period before'
    from senders
    where messages_before > 0 and abs(messages - messages_before) >= 100
      and (messages >= 3 * messages_before or messages * 3 <= messages_before)
)
select severity, code, subject, messages, detail
from (select * from nothing union all select * from newly union all select * from own union all select * from fresh union all
      select * from silent union all select * from changed union all select * from moved union all select * from resent union all
      select * from empty_days) as f
order by case severity when 'failure' then 1 when 'degradation' then 2 else 3 end, messages desc nulls first, code, subject, detail
limit nullif(current_setting('waybill.rows', true), '')::bigint;
