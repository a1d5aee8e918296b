-- How deliveries ended.  $1 since, $2 until.
select d.outcome, w.meaning, count(*) as deliveries,
       round(count(*)::numeric / sum(count(*)) over (), 6) as share, w.class
from waybill.delivery_end d
left join waybill.outcome_word w using (outcome)
where d.first_at >= coalesce($1::timestamptz, '-infinity') and d.first_at < coalesce($2::timestamptz, 'infinity')
group by d.outcome, w.ord, w.meaning, w.class
order by w.ord nulls last, d.outcome;
