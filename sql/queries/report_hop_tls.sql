-- Encryption between hosts: messages by who sent, who took, and how.  Worst first.  $1 since, $2 until.
with h as (
    select coalesce(lag(host) over (partition by journey_id, first_at order by seq), client_name, 'unknown') as from_host,
           host as to_host, tls_version
    from waybill.hop
    where first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
)
select from_host, to_host, count(*) as messages, count(tls_version) as encrypted,
       round(count(tls_version)::numeric / count(*), 6) as encrypted_share,
       string_agg(distinct tls_version, ', ' order by tls_version) as versions
from h
group by from_host, to_host
order by count(*) - count(tls_version) desc, messages desc, from_host, to_host
limit 50;
