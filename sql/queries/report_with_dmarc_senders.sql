-- Who sent what the chosen reports tell of, and in the period before.  A sender may have several rows: what names it
-- is looked at here, its name is made of that once a row.
-- needs: dmarc_reports
with addresses as (
    select c.source_ip, case when c.source_ip is null then coalesce(c.raw_source_ip, 'unreadable') end as raw, bool_or(r.chosen) as chosen,
           sum(c.count) filter (where r.chosen and c.dkim = 'pass' and c.spf = 'pass') as "both",
           sum(c.count) filter (where r.chosen and c.dkim = 'pass' and c.spf is distinct from 'pass') as dkim_only,
           sum(c.count) filter (where r.chosen and c.dkim is distinct from 'pass' and c.spf = 'pass') as spf_only,
           sum(c.count) filter (where r.chosen and c.dkim is distinct from 'pass' and c.spf is distinct from 'pass') as fail,
           sum(c.count) filter (where r.phase = 1) as before
    from dmarc_reports r
    join waybill.dmarc_record c using (report_key)
    where r.chosen or r.phase = 1
    group by 1, 2
), named as (
    select i.standing, i.title, i.org_domain, i.as_name, i.kind, waybill.sender_network(i.title, i.org_domain, i.as_name, a.source_ip) as network,
           count(*) filter (where a.chosen) as addresses, sum(a."both") as "both", sum(a.dkim_only) as dkim_only, sum(a.spf_only) as spf_only,
           sum(a.fail) as fail, sum(a.before) as before
    from addresses a
    left join waybill.source_identity i on i.ip = a.source_ip
    group by 1, 2, 3, 4, 5, 6
)
select waybill.sender_name(standing, title, org_domain, as_name, network) as sender, coalesce(standing, 'unknown') as standing, kind, addresses,
       coalesce("both", 0) as "both", coalesce(dkim_only, 0) as dkim_only, coalesce(spf_only, 0) as spf_only, coalesce(fail, 0) as fail,
       coalesce(before, 0) as before
from named
