-- DMARC by reporter, and those that sent reports in the period before and none in this.  $1 since, $2 until.
-- needs: dmarc_reports dmarc_tallies
with p as (
    select * from waybill.compared_periods($1::timestamptz, $2::timestamptz,
                                           (select max(at) from dmarc_reports))
), records as (
    select report_key, sum(messages) as messages, sum(pass) as pass
    from dmarc_tallies
    where chosen
    group by 1
), now as (
    select t.reporter, count(*) as reports, count(distinct t.domain) as domains, coalesce(sum(c.messages), 0) as messages,
           coalesce(sum(c.pass), 0) as pass, min(t.begin_at) as first_at, max(t.end_at) as last_at
    from dmarc_reports t left join records c using (report_key)
    where t.chosen
    group by 1
), recent as (
    select distinct t.reporter from dmarc_reports t, p where t.at >= p.since_at and t.at < p.until_at
), before as (
    select t.reporter, count(*) as reports, count(distinct (t.at at time zone 'UTC')::date) as days, max(t.end_at) as last_at,
           max(extract(epoch from p.since_at - p.before_at) / 86400) as length
    from dmarc_reports t, p
    where t.at >= p.before_at and t.at < p.since_at
    group by 1
)
select reporter, coalesce(n.reports, 0) as reports, coalesce(n.domains, 0) as domains, coalesce(n.messages, 0) as messages,
       coalesce(n.pass, 0) as pass, round(n.pass / nullif(n.messages, 0), 6) as pass_share, n.first_at,
       coalesce(n.last_at, b.last_at) as last_at, coalesce(b.reports, 0) as reports_before,
       case when b.reporter is null and not exists (select from dmarc_reports o, p where o.reporter = x.reporter and o.at < p.since_at) then 'new'
            when b.reporter is not null and c.reporter is null then 'silent' else 'reporting' end as state
from (select reporter from now union select reporter from before where reporter not in (select reporter from recent)) as x
left join now n using (reporter)
left join before b using (reporter)
left join recent c using (reporter)
order by (c.reporter is null and b.reporter is not null) desc, coalesce(n.messages, 0) desc, reporter
limit nullif(current_setting('waybill.rows', true), '')::bigint;
