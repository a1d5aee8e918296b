-- DMARC by domain, worst first.
-- needs: dmarc_tallies
select domain, count(*) as reports, count(distinct reporter) as reporters, sum(messages) as messages, sum(pass) as pass,
       sum(messages) - sum(pass) as fail, round(sum(pass) / nullif(sum(messages), 0), 6) as pass_share, sum("both") as "both",
       sum(dkim_only) as dkim_only, sum(spf_only) as spf_only, sum(quarantined) as quarantined, sum(rejected) as rejected
from dmarc_tallies
where chosen
group by 1
order by fail desc, messages desc, domain
limit nullif(current_setting('waybill.rows', true), '')::bigint;
