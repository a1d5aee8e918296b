-- The addresses of the chosen reports and of the period before, and who they are.
-- needs: dmarc_traffic
with sums as materialized (
    select source_ip, raw, bool_or(chosen) as chosen, sum("both") as "both", sum(dkim_only) as dkim_only,
           sum(spf_only) as spf_only, sum(fail) as fail, sum(before) as before
    from dmarc_traffic
    group by 1, 2
)
select waybill.sender_name(i.standing, i.title, i.org_domain, i.as_name, c.source_ip) as sender,
       coalesce(i.standing, 'unknown') as standing, i.kind, c.chosen, c."both", c.dkim_only, c.spf_only, c.fail, c.before
from sums c
left join waybill.source_identity i on i.ip = c.source_ip
