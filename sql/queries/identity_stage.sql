-- Where what was found of addresses waits for the table.
create temporary table stage_identity (
    ip inet, standing text, service text, title text, kind text, known_by text, mark text, ptr text, ptr_status text, confirmed boolean,
    org_domain text, country text, asn bigint, as_name text, seen_at timestamptz
) on commit delete rows;
