# Sourced by run: DMARC aggregate reports, many small ones and a big one, against COPY of the same rows.
reports() {
    local i d n=5000 big=50000
    python3 tests/bench/dmarc_reports.py "$tmp/reports" $n 4
    python3 tests/bench/dmarc_reports.py "$tmp/big" 0 $big
    : >"$tmp/small_reports"; : >"$tmp/again"; : >"$tmp/copy_reports"; : >"$tmp/big_report"; : >"$tmp/big_memory"
    for i in $(seq "$runs"); do
        fresh reports
        d=$(conninfo reports)
        seconds "$waybill" -q --db "$d" ingest "$tmp/reports" >>"$tmp/small_reports"
        seconds "$waybill" -q --db "$d" ingest "$tmp/reports" >>"$tmp/again"
        if [ "$i" = 1 ]; then
            rm -f "$tmp/load_reports.sql"
            for t in source source_path dmarc_report dmarc_record dmarc_auth_set; do
                sql reports "\\copy (select * from waybill.$t) to '$tmp/$t.copy' with (format binary)" 2>/dev/null || continue
                echo "\\copy waybill.$t from '$tmp/$t.copy' with (format binary)" >>"$tmp/load_reports.sql"
            done
            { echo 'begin;'; cat "$tmp/load_reports.sql"; echo 'commit;'; } >"$tmp/load_reports-all.sql"
        fi
        fresh bare
        seconds "$waybill" -q --db "$(conninfo bare)" db psql -Xq -v ON_ERROR_STOP=1 -f "$tmp/load_reports-all.sql" >>"$tmp/copy_reports"
        fresh reports
        measure "$waybill" -q --db "$(conninfo reports)" ingest "$tmp/big.xml.gz" >"$tmp/one"
        cut -d' ' -f1 "$tmp/one" >>"$tmp/big_report"
        cut -d' ' -f2 "$tmp/one" >>"$tmp/big_memory"
    done
    local small again copy one memory
    small=$(median <"$tmp/small_reports"); again=$(median <"$tmp/again"); copy=$(median <"$tmp/copy_reports")
    one=$(median <"$tmp/big_report"); memory=$(median <"$tmp/big_memory")
    printf '\n'
    row "COPY BINARY of the rows of $n reports, $((n * 4)) records" "$copy" "1.00"
    row "waybill ingest of the $n reports, gzipped" "$small" "$(ratio "$small" "$copy") x COPY, $(awk -v n=$n -v s="$small" 'BEGIN { printf "%d reports/s", n / s }')"
    row "waybill ingest of them once more" "$again" "$(ratio "$small" "$again") times as fast"
    row "waybill ingest of one report of $big records, gzipped" "$one" "$(awk -v n=$big -v s="$one" 'BEGIN { printf "%d records/s", n / s }'), $memory MB"
}
