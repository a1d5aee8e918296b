-- What is new since the period of same length before, by address and domain.  $1 since, $2 until.
-- Strongly moved: three times or a third, and by at least 100 messages.
with p as (
    select * from waybill.compared_periods($1::timestamptz, $2::timestamptz,
                                           (select max(waybill.report_at(begin_at, end_at)) from waybill.dmarc_report))
), sums as materialized (
    select c.source_ip, case when c.source_ip is null then coalesce(c.raw_source_ip, 'unreadable') end as raw,
           coalesce(c.header_from, r.domain) as header_from,
           coalesce(sum(c.count) filter (where r.at >= p.since_at), 0) as messages, coalesce(sum(c.count) filter (where r.at >= p.since_at and c.dkim is distinct from 'pass' and c.spf is distinct from 'pass'), 0) as fail,
           coalesce(sum(c.count) filter (where r.at < p.since_at), 0) as messages_before, coalesce(sum(c.count) filter (where r.at < p.since_at and c.dkim is distinct from 'pass' and c.spf is distinct from 'pass'), 0) as fail_before
    from p
    join (select *, coalesce(org_name, email, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.dmarc_report) as r on r.at >= p.before_at and r.at < p.until_at
    join waybill.dmarc_record c using (report_key)
    group by 1, 2, 3
), any_before as (
    select exists (select from p join waybill.dmarc_report r on waybill.report_at(r.begin_at, r.end_at) < p.since_at) as is
), known_before as materialized (
    select s.source_ip, s.header_from
    from sums s
    where s.messages > 0 and s.messages_before = 0
      and exists (select from p
                  join (select *, coalesce(org_name, email, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.dmarc_report) as r on r.at < p.before_at
                  join waybill.dmarc_record c using (report_key)
                  where c.source_ip = s.source_ip and coalesce(c.header_from, r.domain) = s.header_from)
), compared as materialized (
    select coalesce(host(s.source_ip), s.raw) as source, s.header_from, s.messages, s.fail, s.messages_before, s.fail_before,
           coalesce(i.standing, 'unknown') as standing, waybill.sender_name(i.standing, i.title, i.org_domain, i.as_name, s.source_ip) as sender,
           s.messages > 0 and s.messages_before = 0 and a.is and e.header_from is null as is_new
    from sums s
    left join waybill.source_identity i on i.ip = s.source_ip
    left join known_before e on e.source_ip = s.source_ip and e.header_from = s.header_from, any_before a
), named as (
    select *, case
        when is_new and fail = messages then 'new_failing'
        when is_new then 'new'
        when messages_before > fail_before and fail > 0 and fail::numeric / messages >= 0.2 + coalesce(fail_before::numeric / nullif(messages_before, 0), 0)
            then 'newly_failing'
        when messages_before > 0 and fail_before = messages_before and messages > 0 and fail = 0 then 'now_passing'
        when messages_before >= 100 and messages = 0 then 'gone'
        when messages_before > 0 and messages >= 3 * messages_before and messages - messages_before >= 100 then 'much_more'
        when messages > 0 and messages * 3 <= messages_before and messages_before - messages >= 100 then 'much_less'
        end as change
    from compared
)
select change, source as source_ip, header_from as domain, sender, standing, messages, fail, messages_before, fail_before
from named
where change is not null
order by case change when 'newly_failing' then 1 when 'new_failing' then 2 when 'new' then 3 when 'gone' then 4 when 'much_less' then 5
                     when 'much_more' then 6 else 7 end,
         greatest(messages, messages_before) desc, source, header_from
limit 100;
