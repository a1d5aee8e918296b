-- DMARC by sending address, most failures first; who it is, and as what it authenticated.  $1 since, $2 until.
with totals as (
    select t.source as source_ip, t.header_from as domain, min(t.sender) as sender, min(t.standing) as standing,
           min(t.ptr || case when t.confirmed then '' else ' (unconfirmed)' end) as ptr, min(t.country) as country,
           min('AS' || t.asn || coalesce(' ' || t.as_name, '')) as network, min(t.known_by || ' ' || t.mark) as known_by,
           sum(t.count) as messages, coalesce(sum(t.count) filter (where not t.passed), 0) as fail,
           round(coalesce(sum(t.count) filter (where t.passed), 0) / nullif(sum(t.count), 0), 6) as pass_share,
           coalesce(sum(t.count) filter (where t.dkim = 'pass'), 0) as dkim_aligned,
           coalesce(sum(t.count) filter (where t.spf = 'pass'), 0) as spf_aligned,
           coalesce(sum(t.count) filter (where t.disposition = 'quarantine'), 0) as quarantined,
           coalesce(sum(t.count) filter (where t.disposition = 'reject'), 0) as rejected,
           count(distinct t.reporter) as reporters
    from waybill.dmarc_traffic t
    where (coalesce(t.at, '-infinity') >= coalesce($1::timestamptz, '-infinity') and coalesce(t.at, '-infinity') < coalesce($2::timestamptz, 'infinity'))
    group by 1, 2
    order by fail desc, messages desc, source_ip, domain
    limit 100
), seen as (
    select c.source as source_ip, c.header_from as domain,
           a.method || ' ' || coalesce(a.domain, '?') || ' ' || coalesce(a.result, a.raw_result, '?') as what
    from (select t.source, t.header_from, t.report_key, t.seq from waybill.dmarc_traffic t where (coalesce(t.at, '-infinity') >= coalesce($1::timestamptz, '-infinity') and coalesce(t.at, '-infinity') < coalesce($2::timestamptz, 'infinity'))) as c
    join totals x on x.source_ip = c.source and x.domain is not distinct from c.header_from
    join waybill.dmarc_auth a using (report_key, seq)
    group by 1, 2, 3
), said as (
    select source_ip, domain, left(string_agg(what, ', ' order by what desc), 300) as seen from seen group by 1, 2
)
select t.source_ip, t.domain, t.messages, t.fail, t.pass_share, t.dkim_aligned, t.spf_aligned, t.quarantined,
       t.rejected, t.reporters, t.sender, t.standing, t.ptr, t.country, t.network, t.known_by, s.seen
from totals t
left join said s on s.source_ip = t.source_ip and s.domain is not distinct from t.domain
order by t.fail desc, t.messages desc, t.source_ip, t.domain;
