-- Time between neighbouring hosts, slowest first.  Clock skew is counted, not hidden.  $1 since, $2 until.
with h as (
    select journey_id, seq, host, delay_s, clock_skew,
           lag(host) over (partition by journey_id, first_at order by seq) as before
    from waybill.hop
    where first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
)
select before as from_host, host as to_host, count(*) as messages,
       round(percentile_cont(0.5) within group (order by delay_s)::numeric, 3) as p50,
       round(percentile_cont(0.95) within group (order by delay_s)::numeric, 3) as p95,
       round(max(delay_s)::numeric, 3) as max,
       count(*) filter (where clock_skew or delay_s < 0) as skewed,
       (array_agg(journey_id order by delay_s desc, journey_id))[1] as example
from h
where delay_s is not null and before is not null
group by before, host
order by p95 desc, max desc, messages desc, from_host, to_host
limit 50;
