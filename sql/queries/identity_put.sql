-- Keeps what was found of addresses.  $1 rows as a JSON array.
insert into waybill.source_identity as i
select ip, standing, service, title, kind, known_by, mark, ptr, ptr_status, confirmed, org_domain, country, asn, as_name, seen_at
from json_to_recordset($1::json)
    as x(ip inet, standing text, service text, title text, kind text, known_by text, mark text, ptr text, ptr_status text,
         confirmed boolean, org_domain text, country text, asn bigint, as_name text, seen_at timestamptz)
on conflict (ip) do update
    set standing = excluded.standing, service = excluded.service, title = excluded.title, kind = excluded.kind,
        known_by = excluded.known_by, mark = excluded.mark,
        ptr = excluded.ptr, ptr_status = excluded.ptr_status, confirmed = excluded.confirmed, org_domain = excluded.org_domain,
        country = excluded.country, asn = excluded.asn, as_name = excluded.as_name, seen_at = excluded.seen_at;
