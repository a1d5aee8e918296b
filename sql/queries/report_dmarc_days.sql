-- DMARC by day (UTC): that of the middle of the report's period.
-- needs: dmarc_tallies
with c as (
    select report_key, (at at time zone 'UTC')::date as day, sum(messages) as messages, sum(pass) as pass
    from dmarc_tallies
    where chosen
    group by 1, 2
)
select day, count(*) as reports, sum(messages) as messages, sum(pass) as pass, sum(messages) - sum(pass) as fail,
       round(sum(pass) / nullif(sum(messages), 0), 6) as pass_share
from c
group by 1
order by 1;
