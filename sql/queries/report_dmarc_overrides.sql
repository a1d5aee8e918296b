-- Why a receiver did other than the policy asked, with what the reason means.
-- needs: dmarc_reports
with said as (
    select coalesce(c.header_from, r.domain) as domain, c.disposition, c.reasons, r.reporter, sum(c.count) as messages
    from dmarc_reports r
    join waybill.dmarc_record c using (report_key)
    where r.chosen and c.reasons <> '' and c.reasons <> '[]'
    group by 1, 2, 3, 4
), whole as (
    select domain, disposition, reasons, sum(messages) as messages, count(*) as reporters
    from said
    group by 1, 2, 3
)
select t.domain, t.disposition, coalesce(w.type, 'not said') as type, t.messages, t.reporters, t.reasons, w.meaning
from whole t
left join waybill.override_word w on w.type = substring(t.reasons from '(?:^|[^a-z_])(forwarded|mailing_list|trusted_forwarder|local_policy|sampled_out|policy_test_mode|other)(?:[^a-z_]|$)')
order by t.messages desc, t.domain, t.disposition, t.reasons
limit nullif(current_setting('waybill.rows', true), '')::bigint;
