-- DMARC by sending address, most failures first; who it is, and as what it authenticated.
-- Only pairs of address and domain that fail as often as the last one wanted are summed up, unless fewer fail at all.
-- waybill.rows: how many are wanted; all without it.
-- needs: dmarc_reports
with failing as materialized (
    select c.source_ip, case when c.source_ip is null then coalesce(c.raw_source_ip, 'unreadable') end as raw,
           coalesce(c.header_from, r.domain) as domain, sum(c.count) as fail
    from dmarc_reports r
    join waybill.dmarc_record c using (report_key)
    where r.chosen and c.dkim is distinct from 'pass' and c.spf is distinct from 'pass'
    group by 1, 2, 3
    having sum(c.count) > 0
), bound as materialized (
    select case when n is not null then (select fail from failing order by fail desc offset n - 1 limit 1) end as fail
    from (select nullif(current_setting('waybill.rows', true), '')::bigint as n) as wanted
), worst as materialized (
    select f.* from failing f, bound b where f.fail >= b.fail
), pairs as (
    select t.source_ip, t.raw, t.domain, c.count, c.dkim, c.spf
    from worst t
    join waybill.dmarc_record c on c.source_ip = t.source_ip
    join dmarc_reports r using (report_key)
    where r.chosen and coalesce(c.header_from, r.domain) is not distinct from t.domain
    union all
    select t.source_ip, t.raw, t.domain, c.count, c.dkim, c.spf
    from worst t
    join (select * from waybill.dmarc_record where source_ip is null) as c on coalesce(c.raw_source_ip, 'unreadable') = t.raw
    join dmarc_reports r using (report_key)
    where r.chosen and coalesce(c.header_from, r.domain) is not distinct from t.domain
    union all
    select c.source_ip, case when c.source_ip is null then coalesce(c.raw_source_ip, 'unreadable') end, coalesce(c.header_from, r.domain),
           c.count, c.dkim, c.spf
    from dmarc_reports r
    join waybill.dmarc_record c using (report_key)
    where r.chosen and (select fail is null from bound)
), totals as materialized (
    select source_ip, raw, domain, sum(count) as messages, coalesce(sum(count) filter (where dkim is distinct from 'pass' and spf is distinct from 'pass'), 0) as fail,
           coalesce(sum(count) filter (where dkim = 'pass'), 0) as dkim_aligned, coalesce(sum(count) filter (where spf = 'pass'), 0) as spf_aligned
    from pairs
    group by 1, 2, 3
    order by fail desc, messages desc, source_ip, raw, domain
    limit nullif(current_setting('waybill.rows', true), '')::bigint
), records as materialized (
    select t.source_ip, t.raw, t.domain, r.reporter, c.auth_key, c.count, c.disposition
    from totals t
    join waybill.dmarc_record c using (source_ip)
    join dmarc_reports r using (report_key)
    where coalesce(c.header_from, r.domain) is not distinct from t.domain
      and r.chosen
    union all
    select t.source_ip, t.raw, t.domain, r.reporter, c.auth_key, c.count, c.disposition
    from totals t
    join (select * from waybill.dmarc_record where source_ip is null) as c on coalesce(c.raw_source_ip, 'unreadable') = t.raw
    join dmarc_reports r using (report_key)
    where coalesce(c.header_from, r.domain) is not distinct from t.domain
      and r.chosen
), reporters as (
    select source_ip, raw, domain, count(distinct reporter) as reporters,
           coalesce(sum(count) filter (where disposition = 'quarantine'), 0) as quarantined,
           coalesce(sum(count) filter (where disposition = 'reject'), 0) as rejected
    from records
    group by 1, 2, 3
), said as (
    select source_ip, raw, domain, left(string_agg(what, ', ' order by what desc), 300) as seen
    from (select c.source_ip, c.raw, c.domain, a.method || ' ' || coalesce(a.domain, '?') || ' ' || coalesce(a.result, a.raw_result, '?') as what
          from (select distinct source_ip, raw, domain, auth_key from records) as c
          join waybill.dmarc_auth_set a using (auth_key)
          group by 1, 2, 3, 4) as w
    group by 1, 2, 3
)
select coalesce(host(t.source_ip), t.raw) as source_ip, t.domain, t.messages, t.fail,
       round((t.messages - t.fail) / nullif(t.messages, 0), 6) as pass_share, t.dkim_aligned, t.spf_aligned, n.quarantined,
       n.rejected, n.reporters, waybill.sender_name(i.standing, i.title, i.org_domain, i.as_name, t.source_ip) as sender, coalesce(i.standing, 'unknown') as standing,
       i.ptr || case when i.confirmed then '' else ' (unconfirmed)' end as ptr, i.country, 'AS' || i.asn || coalesce(' ' || i.as_name, '') as network,
       i.known_by || coalesce(' ' || i.mark, '') as known_by, s.seen
from totals t
left join waybill.source_identity i on i.ip = t.source_ip
left join reporters n on n.source_ip is not distinct from t.source_ip and n.raw is not distinct from t.raw and n.domain is not distinct from t.domain
left join said s on s.source_ip is not distinct from t.source_ip and s.raw is not distinct from t.raw and s.domain is not distinct from t.domain
order by t.fail desc, t.messages desc, source_ip, t.domain;
