-- DMARC by sending address, most failures first; who it is, and as what it authenticated.  $1 since, $2 until.
with totals as materialized (
    select c.source_ip, case when c.source_ip is null then coalesce(c.raw_source_ip, 'unreadable') end as raw, coalesce(c.header_from, r.domain) as domain,
           sum(c.count) as messages, coalesce(sum(c.count) filter (where c.dkim is distinct from 'pass' and c.spf is distinct from 'pass'), 0) as fail, coalesce(sum(c.count) filter (where c.dkim = 'pass'), 0) as dkim_aligned, coalesce(sum(c.count) filter (where c.spf = 'pass'), 0) as spf_aligned,
           coalesce(sum(c.count) filter (where c.disposition = 'quarantine'), 0) as quarantined, coalesce(sum(c.count) filter (where c.disposition = 'reject'), 0) as rejected
    from (select *, coalesce(org_name, email, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.dmarc_report) as r
    join waybill.dmarc_record c using (report_key)
    where coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity')
      and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity')
    group by 1, 2, 3
    order by fail desc, messages desc, c.source_ip, 2, 3
    limit 100
), records as materialized (
    select t.source_ip, t.raw, t.domain, r.reporter, c.report_key, c.seq
    from totals t
    join waybill.dmarc_record c using (source_ip)
    join (select *, coalesce(org_name, email, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.dmarc_report) as r using (report_key)
    where coalesce(c.header_from, r.domain) is not distinct from t.domain
      and coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity')
      and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity')
    union all
    select t.source_ip, t.raw, t.domain, r.reporter, c.report_key, c.seq
    from totals t
    join (select * from waybill.dmarc_record where source_ip is null) as c on coalesce(c.raw_source_ip, 'unreadable') = t.raw
    join (select *, coalesce(org_name, email, 'unknown') as reporter, waybill.report_at(begin_at, end_at) as at from waybill.dmarc_report) as r using (report_key)
    where coalesce(c.header_from, r.domain) is not distinct from t.domain
      and coalesce(r.at, '-infinity') >= coalesce($1::timestamptz, '-infinity')
      and coalesce(r.at, '-infinity') < coalesce($2::timestamptz, 'infinity')
), reporters as (
    select source_ip, raw, domain, count(distinct reporter) as reporters from records group by 1, 2, 3
), said as (
    select source_ip, raw, domain, left(string_agg(what, ', ' order by what desc), 300) as seen
    from (select c.source_ip, c.raw, c.domain, a.method || ' ' || coalesce(a.domain, '?') || ' ' || coalesce(a.result, a.raw_result, '?') as what
          from records c join waybill.dmarc_auth a using (report_key, seq)
          group by 1, 2, 3, 4) as w
    group by 1, 2, 3
)
select coalesce(host(t.source_ip), t.raw) as source_ip, t.domain, t.messages, t.fail,
       round((t.messages - t.fail) / nullif(t.messages, 0), 6) as pass_share, t.dkim_aligned, t.spf_aligned, t.quarantined,
       t.rejected, n.reporters, waybill.sender_name(i.standing, i.title, i.org_domain, i.as_name, t.source_ip) as sender, coalesce(i.standing, 'unknown') as standing,
       i.ptr || case when i.confirmed then '' else ' (unconfirmed)' end as ptr, i.country, 'AS' || i.asn || coalesce(' ' || i.as_name, '') as network,
       i.known_by || coalesce(' ' || i.mark, '') as known_by, s.seen
from totals t
left join waybill.source_identity i on i.ip = t.source_ip
left join reporters n on n.source_ip is not distinct from t.source_ip and n.raw is not distinct from t.raw and n.domain is not distinct from t.domain
left join said s on s.source_ip is not distinct from t.source_ip and s.raw is not distinct from t.raw and s.domain is not distinct from t.domain
order by t.fail desc, t.messages desc, source_ip, t.domain;
