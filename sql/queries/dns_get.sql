-- The history of DNS; open times come as null.  What several origins say of the same time comes once.
select name, type, rdata, rcode, min(origin),
       case when isfinite(first_seen) then to_char(first_seen at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end,
       case when isfinite(last_seen) then to_char(last_seen at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end
from waybill.dns_record
group by name, type, rdata, rcode, first_seen, last_seen
order by first_seen, last_seen, name, type, rdata;
