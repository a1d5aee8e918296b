# For fault tests, sourced behind ../tap.sh: databases of their own on the private server, and what a
# database holds, to be compared.
# shellcheck shell=bash
fresh() { # NAME: an empty database, used by wb and sql from now on
    "$WAYBILL" -q db psql -XAtqc "create database $1" >/dev/null || { ok 1 "a database for $1"; finish; }
    db="$("$WAYBILL" db conninfo) dbname=$1"
    wb init
}
wb() { "$WAYBILL" -q --db "$db" "$@"; }
sql() { wb db psql -XAtq -v ON_ERROR_STOP=1 -c "$1"; }

# One line per view: its rows and their digest, apart from where and when they were read.
views="journey hop delivery attempt refusal finding reject"
where="source_id load_id ingested_at"
contents() {
    local v columns
    for v in $views; do
        columns=$(sql "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
                       where attrelid = to_regclass('waybill.$v') and attnum > 0 and not attisdropped
                         and attname <> all (string_to_array('$where', ' '))")
        echo "$v $(sql "select count(*), md5(string_agg(row, E'\n' order by row collate \"C\"))
                        from (select t::text as row from (select $columns from waybill.$v) t) r")"
    done
}
# What an undisturbed run gives for files, into the file $T/want.
undisturbed() { # PATH...
    fresh undisturbed
    wb ingest "$@" && wb analyze >"$T/undisturbed" 2>&1
    ok $? "an undisturbed run"
    contents >"$T/want"
    local n; n=$(sql 'select count(*) from waybill.journey')
    [ "${n:-0}" -gt 1000 ]; ok $? "gives journeys ($n)"
}
as_undisturbed() { # NAME
    contents >"$T/got"
    diff "$T/want" "$T/got" >"$T/diff"; ok $? "$1"
    [ -s "$T/diff" ] && sed 's/^/#   /' "$T/diff"
    is "$(sql 'select count(*) from waybill.source where bytes <> recorded_bytes + rejected_bytes + ignored_bytes')" 0 \
        "$1: the accounts add up"
}
generate() { # LINES SEED: logs of two hosts in $T/logs
    mkdir -p "$T/logs"
    "$BUILD/bench/gen_postfix" "$1" "$T/logs" "$2" >/dev/null || { ok 1 "generated logs"; finish; }
}
