-- DMARC by sending address, most failures first; who it is, and as what it authenticated.
-- needs: dmarc_reports dmarc_traffic
with totals as materialized (
    select source_ip, raw, header_from as domain, "both"::numeric + dkim_only + spf_only + fail as messages, fail,
           "both"::numeric + dkim_only as dkim_aligned, "both"::numeric + spf_only as spf_aligned
    from dmarc_traffic
    where chosen
    order by fail desc, messages desc, source_ip, raw, header_from
    limit 100
), records as materialized (
    select t.source_ip, t.raw, t.domain, r.reporter, c.report_key, c.seq, c.count, c.disposition
    from totals t
    join waybill.dmarc_record c using (source_ip)
    join dmarc_reports r using (report_key)
    where coalesce(c.header_from, r.domain) is not distinct from t.domain
      and r.chosen
    union all
    select t.source_ip, t.raw, t.domain, r.reporter, c.report_key, c.seq, c.count, c.disposition
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
          from records c join waybill.dmarc_auth a using (report_key, seq)
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
