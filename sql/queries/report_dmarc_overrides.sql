-- Why a receiver did other than the policy asked, with what the reason means.  $1 since, $2 until.
select t.header_from as domain, t.disposition, coalesce(w.type, 'not said') as type, sum(t.count) as messages,
       count(distinct t.reporter) as reporters, t.reasons, w.meaning
from waybill.dmarc_traffic t
left join waybill.override_word w on w.type = substring(t.reasons from '(?:^|[^a-z_])(forwarded|mailing_list|trusted_forwarder|local_policy|sampled_out|policy_test_mode|other)(?:[^a-z_]|$)')
where t.reasons <> '' and t.reasons <> '[]' and (coalesce(t.at, '-infinity') >= coalesce($1::timestamptz, '-infinity') and coalesce(t.at, '-infinity') < coalesce($2::timestamptz, 'infinity'))
group by 1, t.disposition, w.type, t.reasons, w.meaning
order by messages desc, domain, t.disposition, t.reasons
limit 50;
