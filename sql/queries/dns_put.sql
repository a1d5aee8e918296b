-- Keeps DNS answers; of what is known the time is widened.  $1 rows as a JSON array.
insert into waybill.dns_record (name, type, rdata, rcode, first_seen, last_seen, origin)
select name, type, rdata, rcode, min(first_seen), max(last_seen), origin
from json_to_recordset($1::json)
    as x(name text, type text, rdata text, rcode text, first_seen timestamptz, last_seen timestamptz, origin text)
group by name, type, rdata, rcode, origin
on conflict (name, type, rdata, rcode, origin) do update
    set first_seen = least(dns_record.first_seen, excluded.first_seen),
        last_seen = greatest(dns_record.last_seen, excluded.last_seen);
