"""Received headers against a public suite: every field of every header, through `waybill ingest --dry-run`.

Usage: received_suite.py WAYBILL SUITE.json DIR.  A header whose expected value is wrong stands in
DEVIATIONS with what the header says and why; nothing else may differ.  What we find beyond the suite's
fields stands in MORE by name of field, so that a field that appears where nothing was said fails.
"""
import datetime
import json
import os
import subprocess
import sys

TOKEN = "the suite cuts the word at a slash"
CTIME = "the suite reads ctime's order of date, or its year of two digits, wrongly"
ZONE = "the suite does not know the name of the zone"
# number of the header -> field -> (what the header says, why)
DEVIATIONS = {
    6: {"ident": (None, "AUTH: names the login, which is auth_user")},
    13: {"at": ("2003-02-07T18:18:12Z", CTIME)},
    28: {"id": ("EE/20-30863-33CE1054", TOKEN)},
    29: {"id": ("8B/57-16227-3764EB44", TOKEN)},
    30: {"id": ("52/92-02454-89FBA054", TOKEN)},
    39: {"ident": ("W9VcNxE2vKxgWHD05PJbLzIHSxcmZQ/O", TOKEN)},
    65: {"ident": ("jdavid", "the suite takes the envelope's sender for the client's user")},
    67: {"at": ("2003-02-12T22:22:21Z", ZONE)},
    69: {"at": ("2003-02-20T23:13:20Z", "the suite misses a date without a semicolon")},
    89: {"at": ("2003-03-27T02:43:24Z", CTIME)},
    90: {"at": ("2004-02-27T22:16:56Z", CTIME)},
    116: {"ident": ("?dXqpg3b0hiH9faI2OxLT94P/YKDD3rQ1?@64.253.199.166", TOKEN)},
    117: {"at": ("2005-11-13T14:50:12Z", CTIME)},
    118: {"at": ("2005-11-13T15:38:52Z", CTIME)},
    123: {"by": ("alpha", "the suite takes the second by, whose value is 'uid'")},
    125: {"from": ("Unknown/Local", TOKEN)},
    128: {"at": ("2003-03-20T09:06:43Z", CTIME)},
    144: {"at": ("2020-04-02T07:53:55.516000Z", "the suite loses seconds with a fraction")},
    151: {"at": ("2018-09-14T18:36:56Z", CTIME)},
    163: {"at": ("2006-06-02T15:15:21Z", ZONE)},
    165: {"from": (None, "'invoked from network' names no host")},
    171: {"from": (None, "'from userid 1002' names no host")},
}
# Said by the header, and not looked for by the suite.
MORE = {
    "protocol": {25, 29, 94, 123, 133, 136, 148, 157, 167, 170, 175, 176, 177},  # not SMTP and kin
    "ip": {64, 86, 87, 97, 116, 119},  # behind the user: user@192.0.2.1
    "ident": {123, 127, 136, 164, 171, 178},  # uid N
    "helo": {118},  # claiming to be
    "for": {153},  # without a domain
}


def wanted(expected):
    host = lambda h: next(iter(h.values())) if h else None
    out = {
        "from": host(expected.get("from")),
        "ip": expected.get("from_ip"),
        "rdns": expected.get("from_iprev"),
        "helo": host(expected.get("helo")),
        "ident": expected.get("ident"),
        "by": host(expected.get("by")),
        "via": expected.get("via"),
        "protocol": expected.get("with"),
        "id": expected.get("id"),
        "for": expected.get("for_"),
        "tls_version": expected["tls_version"].replace("_", ".") if "tls_version" in expected else None,
        "tls_cipher": expected.get("tls_cipher"),
        "at": None,
    }
    d = expected.get("date")
    if d and 1 <= d["month"] <= 12 and d["second"] < 60:
        east = (d["tz_hour"] * 60 + d["tz_minute"]) * (-1 if d["tz_before_gmt"] else 1)
        at = datetime.datetime(d["year"], d["month"], d["day"], d["hour"], d["minute"], d["second"])
        out["at"] = (at - datetime.timedelta(minutes=east)).isoformat() + "Z"
    return out


def found(hop):
    client, tls = hop.get("from", {}), hop.get("tls", {})
    out = {k: client.get(k) for k in ("ip", "rdns", "helo", "ident")}
    out.update({k: hop.get(k) for k in ("by", "via", "protocol", "id", "for", "at")})
    out.update({"from": client.get("name"), "tls_version": tls.get("version"), "tls_cipher": tls.get("cipher")})
    return out


def same(field, want, got):
    if field == "protocol" and want and got:  # the suite's own words: Local, ESMTP
        return want.upper() == got.upper()
    return want == got


def main():
    waybill, suite, folder = sys.argv[1:]
    cases = json.load(open(suite, encoding="utf-8"))
    os.makedirs(folder, exist_ok=True)
    for i, case in enumerate(cases):
        with open(f"{folder}/{i:03}.eml", "w", newline="", encoding="utf-8") as f:
            f.write("Received: " + case["header"].rstrip("\r\n") + "\nSubject: a header\n\n")
    run = subprocess.run([waybill, "-q", "ingest", "--dry-run", folder], capture_output=True, check=True)
    hops = {}
    for line in run.stdout.splitlines():
        record = json.loads(line)
        if record["kind"] == "message" and len(record["hops"]) == 1:
            hops[int(os.path.basename(record["source"])[:3])] = record["hops"][0]
    for i, case in enumerate(cases):
        want, got, bad = wanted(case["expected"]), found(hops.get(i, {})), []
        for field, (value, _) in DEVIATIONS.get(i, {}).items():
            want[field] = value
        for field in want:
            more = want[field] is None and i in MORE.get(field, ()) and got[field] is not None
            if not more and not same(field, want[field], got[field]):
                bad.append(f"#   {field}: wanted {want[field]!r}, got {got[field]!r}")
        print("not ok" if bad or i not in hops else "ok", i + 1, "- header", i)
        if bad:
            print("\n".join(bad))


main()
