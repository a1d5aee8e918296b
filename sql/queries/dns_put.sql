-- Keeps DNS answers.  $1 rows as a JSON array.
--
-- A row goes on where the same answer overlaps it in time.  One that was seen at a moment also goes on with the same
-- answer before or after, unless another answer to the same question was seen in between: then this one was gone.
with given as (
    select name, type, rdata, rcode, origin, first_seen, max(last_seen) as last_seen
    from json_to_recordset($1::json)
        as j(name text, type text, rdata text, rcode text, first_seen timestamptz, last_seen timestamptz, origin text)
    group by name, type, rdata, rcode, origin, first_seen),
placed as (
    select x.*, e.first_seen as since
    from given x left join lateral (
        select r.first_seen
        from waybill.dns_record r
        where r.name = x.name and r.type = x.type and r.rdata = x.rdata and r.rcode = x.rcode and r.origin = x.origin
          and (r.first_seen <= x.last_seen and r.last_seen >= x.first_seen
               or x.first_seen = x.last_seen and not exists (
                    select from waybill.dns_record o
                    where o.name = x.name and o.type = x.type and o.origin = x.origin
                      and (o.rdata, o.rcode) is distinct from (x.rdata, x.rcode)
                      and (o.first_seen > least(r.last_seen, x.last_seen) and o.first_seen < greatest(r.first_seen, x.first_seen)
                           or o.last_seen > least(r.last_seen, x.last_seen) and o.last_seen < greatest(r.first_seen, x.first_seen))))
        order by r.first_seen <= x.last_seen and r.last_seen >= x.first_seen desc, -- overlapping ones, the earliest
                 case when r.last_seen < x.first_seen then r.last_seen end desc nulls last, r.first_seen
        limit 1) e on true),
grown as (
    update waybill.dns_record r
    set first_seen = least(r.first_seen, p.first_seen), last_seen = greatest(r.last_seen, p.last_seen)
    from (select name, type, rdata, rcode, origin, since, min(first_seen) as first_seen, max(last_seen) as last_seen
          from placed where since is not null group by name, type, rdata, rcode, origin, since) p
    where r.name = p.name and r.type = p.type and r.rdata = p.rdata and r.rcode = p.rcode and r.origin = p.origin
      and r.first_seen = p.since)
insert into waybill.dns_record (name, type, rdata, rcode, first_seen, last_seen, origin)
select name, type, rdata, rcode, first_seen, last_seen, origin from placed where since is null
on conflict (name, type, rdata, rcode, origin, first_seen) do update
    set last_seen = greatest(dns_record.last_seen, excluded.last_seen)
