-- Who sends, by service, organisation or network, and how it changed.  $1 since.
-- needs: dmarc_traffic
with sums as materialized (
    select source_ip, raw, bool_or(chosen) as chosen, coalesce(sum(messages) filter (where chosen), 0) as messages,
           coalesce(sum("both") filter (where chosen), 0) as "both", coalesce(sum(dkim_only) filter (where chosen), 0) as dkim_only,
           coalesce(sum(spf_only) filter (where chosen), 0) as spf_only, sum(messages) filter (where phase = 1) as before
    from dmarc_traffic
    group by 1, 2
), named as (
    select waybill.sender_name(i.standing, i.title, i.org_domain, i.as_name, c.source_ip) as sender,
           coalesce(i.standing, 'unknown') as standing, min(i.kind) filter (where c.chosen) as kind,
           count(*) filter (where c.chosen) as addresses, sum(c.messages) filter (where c.chosen) as messages, sum(c."both") as "both",
           sum(c.dkim_only) as dkim_only, sum(c.spf_only) as spf_only, sum(c.before) as before
    from sums c
    left join waybill.source_identity i on i.ip = c.source_ip
    group by 1, 2
)
select sender, standing, kind, addresses, messages, "both" + dkim_only + spf_only as pass,
       messages - ("both" + dkim_only + spf_only) as fail,
       round(("both" + dkim_only + spf_only) / nullif(messages, 0), 6) as pass_share, "both", dkim_only, spf_only,
       case when $1::timestamptz is not null then coalesce(before, 0) end as before
from named
where addresses > 0
order by messages desc, sender, standing
limit 100;
