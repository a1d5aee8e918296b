-- What reports say of each address that is to be looked at, the busiest first.  $1 batches after this one;
-- -1: all.  Domains as "domain selector", one a line; what receivers say of forwarding; shapes of results.
with pending as materialized (
    select distinct c.source_ip
    from waybill.dmarc_report r
    join waybill.dmarc_record c using (report_key)
    where r.load_id > $1::bigint and $1::bigint >= 0 and c.source_ip is not null
), chosen as (
    select * from waybill.dmarc_record where $1::bigint < 0 and source_ip is not null
    union all
    select c.* from waybill.dmarc_record c where $1::bigint >= 0 and c.source_ip in (select source_ip from pending)
), records as materialized (
    select c.source_ip, c.auth_key, c.count, c.dkim, c.spf, c.reasons, coalesce(c.header_from, r.domain) as header_from,
           coalesce(r.end_at, r.begin_at) as at
    from chosen c
    join waybill.dmarc_report r using (report_key)
), totals as (
    select source_ip, sum(count) as messages, max(at) as last_at, bool_or(dkim = 'pass' and spf = 'pass') as both,
           bool_or(reasons ~* '(^|[";,\s])(forwarded|mailing_list|trusted_forwarder)') as forwarded
    from records
    group by source_ip
), auths as (
    select c.source_ip, a.method, lower(a.domain) as domain, case a.method when 'dkim' then lower(a.selector) end as selector,
           bool_or(a.result = 'pass') as passed,
           bool_or(a.method = 'spf' and a.result in ('fail', 'softfail') and c.dkim = 'pass'
                   and (lower(a.domain) = c.header_from or right(lower(a.domain), length(c.header_from) + 1) = '.' || c.header_from)) as relayed,
           sum(c.count) as messages
    from records c
    join waybill.dmarc_auth_set a using (auth_key)
    where a.domain is not null
    group by 1, 2, 3, 4
), marks as (
    select source_ip, bool_or(relayed) as relayed,
           (array_agg(domain || ' ' || coalesce(selector, '') order by messages desc, domain, selector)
                filter (where method = 'dkim' and passed))[1:50] as dkim,
           (array_agg(domain order by messages desc, domain) filter (where method = 'spf' and passed))[1:50] as spf
    from auths
    group by source_ip
)
select host(t.source_ip), to_char(t.last_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       coalesce(t.both, false)::int, coalesce(t.forwarded, false)::int, coalesce(m.relayed, false)::int,
       array_to_string(m.dkim, E'\n'), array_to_string(m.spf, E'\n'),
       i.ptr, i.ptr_status, coalesce(i.confirmed, false)::int, i.country, i.asn, i.as_name
from totals t
left join marks m using (source_ip)
left join waybill.source_identity i on i.ip = t.source_ip
order by t.messages desc, t.source_ip;
