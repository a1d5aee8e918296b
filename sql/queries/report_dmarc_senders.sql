-- Who sends, by service, organisation or network, and how it changed.  $1 since.
-- needs: dmarc_senders
with named as (
    select sender, standing, min(kind) filter (where addresses > 0) as kind, sum(addresses) as addresses,
           sum("both" + dkim_only + spf_only) as pass, sum(fail) as fail, sum("both") as "both",
           sum(dkim_only) as dkim_only, sum(spf_only) as spf_only, sum(before) as before
    from dmarc_senders
    group by 1, 2
)
select sender, standing, kind, addresses, pass + fail as messages, pass, fail, round(pass / nullif(pass + fail, 0), 6) as pass_share,
       "both", dkim_only, spf_only, case when $1::timestamptz is not null then before end as before
from named
where addresses > 0
order by messages desc, sender, standing
limit nullif(current_setting('waybill.rows', true), '')::bigint;
