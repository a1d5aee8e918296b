-- Each address and domain in this period and the one before.
-- needs: dmarc_traffic
select source_ip, raw, header_from,
       coalesce(sum(messages) filter (where phase = 2), 0) as messages, coalesce(sum(fail) filter (where phase = 2), 0) as fail,
       coalesce(sum(messages) filter (where phase = 1), 0) as messages_before,
       coalesce(sum(fail) filter (where phase = 1), 0) as fail_before
from dmarc_traffic
where phase in (1, 2)
group by 1, 2, 3
