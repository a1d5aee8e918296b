# For tests of whole runs: one private server, many databases, dumps of all views.
# Sourced; needs WAYBILL, TEST_TMP.  wb works on the database that fresh chose last.
export WAYBILL_HOME=$TEST_TMP/home
test_number=0

verdict() { # 0|other TEXT
    test_number=$((test_number + 1))
    if [ "$1" -eq 0 ]; then echo "ok $test_number - $2"; else echo "not ok $test_number - $2"; fi
}

fresh() { # NAME: an empty database
    "$WAYBILL" db psql -XAtqc "create database $1" >/dev/null || exit 1
    db="$("$WAYBILL" db conninfo) dbname=$1"
    wb init >/dev/null || exit 1
}

wb() { "$WAYBILL" -q --db "$db" "$@"; }
sql() { wb db psql -XAtq -v ON_ERROR_STOP=1 -c "$1"; }

# What analysts see, without what tells where and when it was read.
views="journey hop delivery attempt refusal message auth_result finding reject dmarc_report dmarc_record dmarc_auth dmarc_failure
tls_report tls_policy tls_failure dsn dsn_recipient complaint"
where="source_id byte_offset byte_length load_id attempt_id transit_id refusal_id line stored_at"
dump() { # FOLDER
    local v columns
    mkdir -p "$1"
    for v in $views; do
        columns=$(sql "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
                       where attrelid = to_regclass('waybill.$v') and attnum > 0 and not attisdropped
                         and attname <> all (string_to_array('$(echo $where)', ' '))")
        [ -n "$columns" ] || continue
        sql "copy (select t::text from (select $columns from waybill.$v) t order by 1) to stdout" >"$1/$v"
    done
}

same_as() { # FOLDER TEXT: the database holds what FOLDER holds
    local off
    off=$(sql "select count(*) from waybill.source where bytes <> recorded_bytes + rejected_bytes + ignored_bytes")
    [ "$off" = 0 ] || { verdict 1 "$2: the account of $off sources does not add up"; return; }
    rm -rf "$TEST_TMP/dump"
    dump "$TEST_TMP/dump"
    if diff -r "$1" "$TEST_TMP/dump" >"$TEST_TMP/diff"; then verdict 0 "$2"
    else verdict 1 "$2"; grep -c '^[<>]' "$TEST_TMP/diff" | sed 's/$/ rows differ/'; cut -c1-300 "$TEST_TMP/diff" | head -n 12; fi
}

stop_server() { "$WAYBILL" db stop >/dev/null 2>&1; rm -rf "$WAYBILL_HOME"; }
