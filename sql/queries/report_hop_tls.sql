-- Encryption between hosts: messages by who sent, who took, and how.  Worst first.  Neither what a host handed to
-- itself nor what was born on it.  $1 since, $2 until.
with h as (
    select journey_id, first_at, seq, host, client_name, client_ip, tls_version,
           coalesce(from_seq, case when delay_s is not null then seq - 1 end) as from_seq
    from waybill.hop
    where first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
), p as (
    select coalesce(f.host, h.client_name, host(h.client_ip)) as from_host, h.host as to_host, h.tls_version
    from h
    left join h f on f.journey_id = h.journey_id and f.first_at = h.first_at and f.seq = h.from_seq
    where f.host is distinct from h.host and coalesce(h.client_ip <<= '127.0.0.0/8' or h.client_ip = '::1', false) = false
), v as ( -- few: to order versions does not order messages
    select from_host, to_host, tls_version, count(*) as n from p where from_host is not null group by 1, 2, 3
)
select from_host, to_host, sum(n)::bigint as messages, coalesce(sum(n) filter (where tls_version is not null), 0)::bigint as encrypted,
       round(coalesce(sum(n) filter (where tls_version is not null), 0) / sum(n), 6) as encrypted_share,
       string_agg(tls_version, ', ' order by tls_version) as versions
from v
group by from_host, to_host
order by coalesce(sum(n) filter (where tls_version is null), 0) desc, messages desc, from_host, to_host;
