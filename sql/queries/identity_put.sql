-- Keeps what was found of addresses.
insert into waybill.source_identity as i
select ip, standing, service, title, kind, known_by, mark, ptr, ptr_status, confirmed, org_domain, country, asn, as_name,
       coalesce(seen_at, '-infinity')
from pg_temp.stage_identity
on conflict (ip) do update
    set standing = excluded.standing, service = excluded.service, title = excluded.title, kind = excluded.kind,
        known_by = excluded.known_by, mark = excluded.mark,
        ptr = excluded.ptr, ptr_status = excluded.ptr_status, confirmed = excluded.confirmed, org_domain = excluded.org_domain,
        country = excluded.country, asn = excluded.asn, as_name = excluded.as_name, seen_at = excluded.seen_at;
