-- Time between a host and the one the message came from, slowest first.  Clock skew is counted, not hidden.
-- $1 since, $2 until.
with h as (
    select journey_id, first_at, seq, host, delay_s, clock_skew, from_seq,
           lag(host) over (partition by journey_id, first_at order by seq) as before
    from waybill.hop
    where first_at >= coalesce($1::timestamptz, '-infinity') and first_at < coalesce($2::timestamptz, 'infinity')
), p as (
    select h.journey_id, h.host, h.delay_s, h.clock_skew, case when h.from_seq is null then h.before else f.host end as before
    from h
    left join h f on h.from_seq <> h.seq - 1 and f.journey_id = h.journey_id and f.first_at = h.first_at and f.seq = h.from_seq
    where h.delay_s is not null and (h.from_seq is null or h.from_seq <> h.seq - 1)
    union all
    select journey_id, host, delay_s, clock_skew, before from h where delay_s is not null and from_seq = seq - 1
)
select before as from_host, host as to_host, count(*) as messages,
       round(percentile_cont(0.5) within group (order by delay_s)::numeric, 3) as p50,
       round(percentile_cont(0.95) within group (order by delay_s)::numeric, 3) as p95,
       round(max(delay_s)::numeric, 3) as max,
       count(*) filter (where clock_skew or delay_s < 0) as skewed,
       (array_agg(journey_id order by delay_s desc, journey_id))[1] as example
from p
where before is not null
group by before, host
order by p95 desc, max desc, messages desc, from_host, to_host;
