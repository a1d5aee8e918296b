-- The period at a glance, beside the one before.  $1 since.
-- needs: dmarc_reports dmarc_tallies dmarc_senders
with named as (
    select sender, sum(addresses) as addresses, sum(fail) filter (where standing = 'own') as own_fail,
           sum(fail) filter (where standing = 'unknown') as unknown_fail
    from dmarc_senders
    where addresses > 0
    group by 1
), before as (
    select coalesce(sum(messages), 0) as messages, sum(pass) as pass
    from dmarc_tallies
    where phase = 1
), whole as (
    select coalesce(sum(messages), 0) as messages, coalesce(sum(pass), 0) as pass, coalesce(sum("both"), 0) as "both",
           coalesce(sum(dkim_only), 0) as dkim_only, coalesce(sum(spf_only), 0) as spf_only,
           coalesce(sum(quarantined + rejected), 0) as acted_on, count(distinct domain) as domains
    from dmarc_tallies
    where chosen
), reports as (
    select count(*) as reports, count(distinct reporter) as reporters from dmarc_reports where chosen
)
select r.reports, r.reporters, n.domains,
       (select count(*) from named) as senders, (select coalesce(sum(addresses), 0) from named) as addresses, n.messages,
       round(n.pass / nullif(n.messages, 0), 6) as pass_share, n."both", n.dkim_only, n.spf_only, n.messages - n.pass as fail,
       (select coalesce(sum(own_fail), 0) from named) as own_fail, (select coalesce(sum(unknown_fail), 0) from named) as unknown_fail, n.acted_on,
       case when $1::timestamptz is not null then b.messages end as messages_before,
       case when $1::timestamptz is not null then round(coalesce(b.pass, 0) / nullif(b.messages, 0), 6) end as pass_share_before
from whole n, before b, reports r
where r.reports > 0 or b.messages > 0;
