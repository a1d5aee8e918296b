-- Kinds of failure that are new, grew or ended since the period of same length before.  $1 since, $2 until.
with p as (
    select * from waybill.compared_periods($1::timestamptz, $2::timestamptz,
                                           (select max(waybill.report_at(begin_at, end_at)) from waybill.tls_report))
), failures as (
    select f.result_type, x.policy_domain, f.receiving_mx_hostname,
           coalesce(sum(f.failed_sessions) filter (where r.at >= p.since_at), 0) as failed,
           coalesce(sum(f.failed_sessions) filter (where r.at >= p.before_at and r.at < p.since_at), 0) as failed_before,
           count(*) filter (where r.at < p.since_at) as ever
    from (select *, coalesce(organization_name, contact_info, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.tls_report) as r
    join waybill.tls_policy x using (report_key)
    join waybill.tls_failure f using (report_key, policy), p
    where r.at < p.until_at
    group by 1, 2, 3
), named as (
    select *, case when failed > 0 and ever = 0 then 'new' when failed > 0 and failed_before = 0 then 'again'
                   when failed = 0 and failed_before > 0 then 'ended'
                   when failed >= 3 * failed_before and failed - failed_before >= 10 then 'much_more'
                   when failed * 3 <= failed_before and failed_before - failed >= 10 then 'much_less' end as change
    from failures
    where exists (select from waybill.tls_report t, p where waybill.report_at(t.begin_at, t.end_at) < p.since_at)
)
select change, result_type, policy_domain, receiving_mx_hostname, failed, failed_before
from named
where change is not null
order by case change when 'new' then 1 when 'again' then 2 when 'much_more' then 3 when 'much_less' then 4 else 5 end,
         greatest(failed, failed_before) desc, result_type, policy_domain, receiving_mx_hostname
limit nullif(current_setting('waybill.rows', true), '')::bigint;
