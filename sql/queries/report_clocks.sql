-- Hosts whose clock is off, by the shortest delays into and out of them: what comes from the past and goes into it.
-- With both sides the middle is the error; with one, it is at least that much.  $1 since, $2 until.
with h as (
    select journey_id, first_at, seq, host, delay_s,
           coalesce(from_seq, case when delay_s is not null then seq - 1 end) as from_seq
    from waybill.hop
    where first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
), p as (
    select f.host as a, h.host as b, percentile_cont(0.1) within group (order by h.delay_s) as low, min(h.journey_id) as example
    from h join h f on f.journey_id = h.journey_id and f.first_at = h.first_at and f.seq = h.from_seq
    where h.delay_s is not null and f.host <> h.host
    group by f.host, h.host
), s as (
    select host, min(low) filter (where inward) as into_it, min(low) filter (where not inward) as out_of_it,
           min(example) as example
    from (select b as host, true as inward, low, example from p
          union all select a, false, low, example from p) x
    group by host
), e as (
    select host, into_it, out_of_it, example,
           case when into_it > 2 and out_of_it < -2 then (into_it - out_of_it) / 2
                when into_it < -2 and out_of_it > 2 then (into_it - out_of_it) / 2 end as ahead
    from s
)
select host, round(ahead::numeric, 1) as ahead, round(into_it::numeric, 1) as into_it, round(out_of_it::numeric, 1) as out_of_it,
       (select count(distinct x.journey_id) from h x where x.host = e.host) as messages, example
from e
where ahead is not null
order by abs(ahead) desc, host;
