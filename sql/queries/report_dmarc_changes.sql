-- What is new since the period of same length before, by address and domain.
-- Strongly moved: three times or a third, and by at least 100 messages.
-- needs: dmarc_compared
with named as (
    select *, case
        when is_new and fail = messages then 'new_failing'
        when is_new then 'new'
        when messages_before > fail_before and fail > 0 and fail::numeric / messages >= 0.2 + coalesce(fail_before::numeric / nullif(messages_before, 0), 0)
            then 'newly_failing'
        when messages_before > 0 and fail_before = messages_before and messages > 0 and fail = 0 then 'now_passing'
        when messages_before >= 100 and messages = 0 then 'gone'
        when messages_before > 0 and messages >= 3::numeric * messages_before and messages - messages_before >= 100 then 'much_more'
        when messages > 0 and messages * 3::numeric <= messages_before and messages_before - messages >= 100 then 'much_less'
        end as change
    from dmarc_compared
)
select change, coalesce(host(source_ip), raw) as source_ip, header_from as domain,
       waybill.sender_name(standing, title, org_domain, as_name, network) as sender, coalesce(standing, 'unknown') as standing, messages, fail, messages_before, fail_before
from named
where change is not null
order by case change when 'newly_failing' then 1 when 'new_failing' then 2 when 'new' then 3 when 'gone' then 4 when 'much_less' then 5
                     when 'much_more' then 6 else 7 end,
         greatest(messages, messages_before) desc, coalesce(host(source_ip), raw), header_from
limit nullif(current_setting('waybill.rows', true), '')::bigint;
