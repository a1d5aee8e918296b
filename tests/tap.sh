# For script tests, sourced: ok, is, like, runs.  Lines go out as TAP ("ok N - ...", "not ok N - ...").
# A scratch directory of the test's own: $T, removed at the end; its private server is stopped.
# shellcheck shell=bash
set -u
tap_n=0 tap_bad=0
T=$(mktemp -d "${TEST_TMP:-/tmp}/t.XXXXXX")
chmod 711 "$T"
export WAYBILL_HOME=$T/home
unset PGHOST PGPORT PGDATABASE PGUSER PGPASSWORD PGSERVICE PGHOSTADDR WAYBILL_PGBIN XDG_CONFIG_HOME

# ok CONDITION-STATUS NAME: "ok $? name"
ok() {
    tap_n=$((tap_n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $tap_n - $2"; else echo "not ok $tap_n - $2"; tap_bad=1; fi
}
skip() { tap_n=$((tap_n + 1)); echo "ok $tap_n - $1 # SKIP $2"; }
# is GOT WANT NAME
is() {
    [ "$1" = "$2" ]; ok $? "$3"
    [ "$1" = "$2" ] || printf '#      got: %s\n#   wanted: %s\n' "$1" "$2"
}
# like GOT PATTERN NAME: an extended regular expression
like() {
    grep -qE -- "$2" <<<"$1"; local rc=$?
    ok $rc "$3"
    [ $rc -eq 0 ] || printf '#      got: %s\n#   wanted: /%s/\n' "$1" "$2"
}
# run COMMAND...: leaves $rc, $out (stdout) and $err (stderr)
run() {
    out=$("$@" 2>"$T/stderr"); rc=$?
    err=$(cat "$T/stderr")
}
# finish: stops what ran and ends with the verdict
finish() {
    echo "1..$tap_n"
    exit $tap_bad
}
tap_cleanup() {
    local home
    for home in "$T"/home*; do
        [ -d "$home" ] && WAYBILL_HOME=$home "$WAYBILL" -q db stop
    done
    rm -rf "$T"
}
trap tap_cleanup EXIT
