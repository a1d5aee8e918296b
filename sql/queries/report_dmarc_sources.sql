-- DMARC by sending address, most failures first.  $1 since, $2 until.
with c as materialized (
    select c.report_key, c.seq, coalesce(host(c.source_ip), c.raw_source_ip, 'unreadable') as source_ip,
           coalesce(c.header_from, r.domain) as domain, r.org_name, c.count, c.disposition, c.dkim, c.spf
    from waybill.dmarc_report r
    join waybill.dmarc_record c using (report_key)
    where r.begin_at < coalesce($2::timestamptz, 'infinity')
      and coalesce(r.end_at, r.begin_at) >= coalesce($1::timestamptz, '-infinity')
), totals as (
    select source_ip, domain, sum(count) as messages,
           coalesce(sum(count) filter (where dkim is distinct from 'pass' and spf is distinct from 'pass'), 0) as fail,
           round(coalesce(sum(count) filter (where dkim = 'pass' or spf = 'pass'), 0) / nullif(sum(count), 0), 6)
               as pass_share,
           coalesce(sum(count) filter (where dkim = 'pass'), 0) as dkim_aligned,
           coalesce(sum(count) filter (where spf = 'pass'), 0) as spf_aligned,
           coalesce(sum(count) filter (where disposition = 'quarantine'), 0) as quarantined,
           coalesce(sum(count) filter (where disposition = 'reject'), 0) as rejected,
           count(distinct org_name) as reporters
    from c group by source_ip, domain
    order by fail desc, messages desc, source_ip, domain
    limit 100
), seen as (
    select c.source_ip, c.domain,
           a.method || ' ' || coalesce(a.domain, '?') || ' ' || coalesce(a.result, a.raw_result, '?') as what
    from c join totals using (source_ip, domain) join waybill.dmarc_auth a using (report_key, seq)
    group by 1, 2, 3
)
select t.source_ip, t.domain, t.messages, t.fail, t.pass_share, t.dkim_aligned, t.spf_aligned, t.quarantined,
       t.rejected, t.reporters,
       (select left(string_agg(what, ', ' order by what desc), 300) from seen s
        where s.source_ip = t.source_ip and s.domain = t.domain) as seen
from totals t
order by t.fail desc, t.messages desc, t.source_ip, t.domain;
