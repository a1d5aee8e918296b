"""Two weeks of DMARC and TLS reports with a known truth, and the figures of waybill's reports computed anew from it.

make DIR writes the reports; check DIR compares report dmarc and report tls (JSON files in DIR) with the truth."""
import datetime, gzip, json, os, random, sys

UTC = datetime.timezone.utc
FIRST = datetime.datetime(2026, 11, 2, tzinfo=UTC)
SINCE, UNTIL = datetime.datetime(2026, 11, 9, tzinfo=UTC), datetime.datetime(2026, 11, 16, tzinfo=UTC)
OWN, OWN2, ACME, GRID, FWD, BAD, STEADY = ("192.0.2.10", "192.0.2.11", "198.51.100.20", "198.51.100.30", "203.0.113.5", "203.0.113.99", "2001:db8:9::1")
SENDER = {OWN: ("own", "own"), OWN2: ("own", "own"), ACME: ("Acme Mail", "known"), GRID: ("Twilio SendGrid", "known"),
          FWD: ("203.0.113.0/24", "forwarder"), BAD: ("203.0.113.0/24", "unknown"), STEADY: ("2001:db8:9::/48", "unknown")}


def day_records(rng, day, domain):
    """(ip, count, dkim, spf, disposition, [(method, domain, selector, result)], reasons)"""
    late = day >= SINCE
    n = lambda a, b: rng.randint(a, b)
    rows = [(OWN, n(50, 90), "pass", "pass", "none", [("dkim", domain, "s1", "pass"), ("spf", domain, None, "pass")], []),
            (OWN2, n(20, 30), "fail" if late else "pass", "fail", "quarantine" if late else "none",
             [("dkim", domain, "s1", "fail" if late else "pass"), ("spf", "old.example", None, "none")], []),
            (ACME, n(10, 15) * (4 if late else 1), "pass", "fail", "none", [("dkim", domain, "acme", "pass"), ("spf", "b.esp.example", None, "pass")], []),
            (GRID, n(5, 9), "fail", "pass", "none", [("dkim", domain, "x", "fail"), ("spf", "em1.sendgrid.net", None, "pass")], []),
            (FWD, n(2, 5), "pass", "fail", "none", [("dkim", domain, "s1", "pass"), ("spf", domain, None, "softfail")], [("forwarded", "")]),
            (STEADY, n(1, 3), "fail", "fail", "none", [("spf", "spoof.example", None, "pass")], [("local_policy", "allowed, by hand")])]
    if late and day.day >= 12:
        rows.append((BAD, n(30, 40), "fail", "fail", "quarantine", [("spf", "evil.example", None, "pass")], []))
    return rows


def reports():
    rng = random.Random(7)
    for reporter, hour, first, last in (("alpha.example", 0, 0, 13), ("beta.example", 10, 0, 13), ("gamma.example", 0, 0, 6), ("delta.example", 0, 9, 13)):
        for d in range(first, last + 1):
            begin = FIRST + datetime.timedelta(days=d, hours=hour)
            if reporter == "alpha.example" and d == 8:
                continue
            if d == 8 and reporter != "beta.example":
                continue
            for domain in ("example.com", "shop.example.com"):
                if domain != "example.com" and reporter != "alpha.example":
                    continue
                yield dict(reporter=reporter, id=f"{reporter}.{d}.{domain}", begin=begin, end=begin + datetime.timedelta(days=1), domain=domain,
                           p="quarantine" if begin >= SINCE else "none", pct=50 if begin >= SINCE else 100, rows=day_records(rng, begin, domain))


def xml(r):
    out = [f'<?xml version="1.0"?><feedback><report_metadata><org_name>{r["reporter"]}</org_name><email>d@{r["reporter"]}</email><report_id>{r["id"]}</report_id>'
           f'<date_range><begin>{int(r["begin"].timestamp())}</begin><end>{int(r["end"].timestamp())}</end></date_range></report_metadata>'
           f'<policy_published><domain>{r["domain"]}</domain><adkim>r</adkim><aspf>r</aspf><p>{r["p"]}</p><sp>{r["p"]}</sp><pct>{r["pct"]}</pct></policy_published>']
    for ip, count, dkim, spf, disposition, auths, reasons in r["rows"]:
        why = "".join(f"<reason><type>{t}</type><comment>{c}</comment></reason>" for t, c in reasons)
        results = "".join(f"<{m}><domain>{d}</domain>{'<selector>' + s + '</selector>' if s else ''}<result>{x}</result></{m}>" for m, d, s, x in auths)
        out.append(f"<record><row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated><disposition>{disposition}</disposition><dkim>{dkim}</dkim><spf>{spf}</spf>{why}"
                   f"</policy_evaluated></row><identifiers><header_from>{r['domain']}</header_from></identifiers><auth_results>{results}</auth_results></record>")
    return "".join(out) + "</feedback>"


TLS = [  # reporter, day, domain, type, successful, [(result, mx, sessions)]
    ("mta.example", 1, "example.com", "sts", 100, []), ("mta.example", 2, "example.com", "sts", 90, [("certificate-expired", "mx1.example.com", 4)]),
    ("quiet.example", 3, "example.com", "sts", 10, []), ("mta.example", 8, "example.com", "no-policy-found", 80, []),
    ("mta.example", 9, "example.com", "no-policy-found", 70, [("starttls-not-supported", "mx2.example.com", 7), ("certificate-expired", "mx1.example.com", 5)])]


def tls(i, t):
    reporter, day, domain, kind, good, failures = t
    begin = FIRST + datetime.timedelta(days=day)
    stamp = lambda w: w.strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps({"organization-name": reporter, "date-range": {"start-datetime": stamp(begin), "end-datetime": stamp(begin + datetime.timedelta(seconds=86399))},
                       "contact-info": "x@" + reporter, "report-id": f"t{i}", "policies": [
                           {"policy": {"policy-type": kind, "policy-domain": domain}, "summary": {"total-successful-session-count": good, "total-failure-session-count": sum(f[2] for f in failures)},
                            "failure-details": [{"result-type": f[0], "receiving-mx-hostname": f[1], "sending-mta-ip": "192.0.2.1", "failed-session-count": f[2]} for f in failures]}]})


class Mmdb:
    """Writes a MaxMind database (format 2.0) of IPv6 size 24 with IPv4 networks below ::/96."""

    def __init__(self):
        self.nodes, self.data, self.at = [[None, None]], b"", {}

    def field(self, v):
        head = lambda kind, n: bytes([kind << 5 | n]) if n < 29 else bytes([kind << 5 | 29, n - 29])
        if isinstance(v, str):
            return head(2, len(v.encode())) + v.encode()
        if isinstance(v, dict):
            return head(7, len(v)) + b"".join(self.field(k) + self.field(x) for k, x in v.items())
        if isinstance(v, list):
            return bytes([len(v), 11 - 7]) + b"".join(map(self.field, v))
        kind, v = v  # 5 uint16, 6 uint32, 9 uint64
        raw = v.to_bytes(8, "big").lstrip(b"\0")
        return (bytes([kind << 5 | len(raw)]) if kind < 8 else bytes([len(raw), kind - 7])) + raw

    def add(self, net, bits, value):
        word = 0
        for part in net.split("."):
            word = word << 8 | int(part)
        path = [0] * 96 + [word >> (31 - i) & 1 for i in range(bits)]
        node = 0
        for bit in path[:-1]:
            if self.nodes[node][bit] is None:
                self.nodes.append([None, None])
                self.nodes[node][bit] = len(self.nodes) - 1
            node = self.nodes[node][bit]
        self.nodes[node][path[-1]] = ("data", len(self.data))
        self.data += self.field(value)

    def write(self, path):
        n, out = len(self.nodes), b""
        for pair in self.nodes:
            for x in pair:
                out += (n if x is None else n + 16 + x[1] if isinstance(x, tuple) else x).to_bytes(3, "big")
        meta = {"binary_format_major_version": (5, 2), "binary_format_minor_version": (5, 0), "build_epoch": (9, 1795000000), "database_type": "Test-City-ASN",
                "description": {"en": "test"}, "ip_version": (5, 6), "languages": ["en"], "node_count": (6, n), "record_size": (5, 24)}
        open(path, "wb").write(out + b"\0" * 16 + self.data + b"\xab\xcd\xefMaxMind.com" + self.field(meta))


def make(where):
    os.makedirs(where + "/reports", exist_ok=True)
    os.makedirs(where + "/again", exist_ok=True)
    for i, r in enumerate(reports()):
        with gzip.open(f"{where}/reports/{i:03}.xml.gz", "wt") as f:
            f.write(xml(r))
        if r["id"] == "beta.example.9.example.com":  # sent again: once shorter, once with more
            open(f"{where}/again/short.xml", "w").write(xml({**r, "rows": r["rows"][:2]}))
            more = r["rows"] + [(OWN, 5, "pass", "pass", "none", [("spf", "example.com", None, "pass")], [])]
            open(f"{where}/again/more.xml", "w").write(xml({**r, "rows": more}))
            open(f"{where}/again/same.xml", "w").write(xml(r).replace("?>", "?>\n"))
    for i, t in enumerate(TLS):
        open(f"{where}/reports/t{i}.json", "w").write(tls(i, t))
    m = Mmdb()
    m.add("203.0.113.0", 24, {"country": {"iso_code": "NL"}, "autonomous_system_number": (6, 64500), "autonomous_system_organization": "Example Net"})
    m.write(where + "/test.mmdb")


def check(where):
    count = 0

    def ok(good, name, *more):
        nonlocal count
        count += 1
        print("ok" if good else "not ok", count, "-", name, *([] if good else more))

    load = lambda name: {s["name"]: s["rows"] for s in json.load(open(f"{where}/{name}.json"))["sections"]}
    d, t = load("dmarc"), load("tls")
    flat = []
    for r in reports():
        rows = r["rows"] + ([(OWN, 5, "pass", "pass", "none", [], [])] if r["id"] == "beta.example.9.example.com" else [])
        at = r["begin"] + (r["end"] - r["begin"]) / 2
        flat += [dict(r, at=at, ip=x[0], n=x[1], dkim=x[2] == "pass", spf=x[3] == "pass", acted=x[4] != "none") for x in rows]
    now = [x for x in flat if SINCE <= x["at"] < UNTIL]
    before = [x for x in flat if SINCE - (UNTIL - SINCE) <= x["at"] < SINCE]
    total = lambda rows, keep=lambda x: True: sum(x["n"] for x in rows if keep(x))
    passed = lambda x: x["dkim"] or x["spf"]
    o = d["overview"][0]
    want = dict(messages=total(now), fail=total(now, lambda x: not passed(x)), both=total(now, lambda x: x["dkim"] and x["spf"]),
                dkim_only=total(now, lambda x: x["dkim"] and not x["spf"]), spf_only=total(now, lambda x: x["spf"] and not x["dkim"]),
                reports=len({x["id"] for x in now}), reporters=len({x["reporter"] for x in now}), addresses=len({x["ip"] for x in now}),
                domains=2, acted_on=total(now, lambda x: x["acted"]), messages_before=total(before),
                own_fail=total(now, lambda x: x["ip"] in (OWN, OWN2) and not passed(x)),
                unknown_fail=total(now, lambda x: SENDER[x["ip"]][1] == "unknown" and not passed(x)), senders=len({SENDER[x["ip"]][0] for x in now}))
    for k, v in want.items():
        ok(o[k] == v, f"overview: {k}", o[k], v)
    by = {}
    for x in now:
        by.setdefault(SENDER[x["ip"]], []).append(x)
    got = {(r["sender"], r["standing"]): r for r in d["senders"]}
    ok(set(got) == set(by), "senders are those of the truth", set(got) ^ set(by))
    for k, rows in by.items():
        r = got.get(k, {})
        ok((r.get("messages"), r.get("pass"), r.get("addresses"), r.get("before")) == (total(rows), total(rows, passed), len({x["ip"] for x in rows}), total([x for x in before if SENDER[x["ip"]] == k])),
           f"sender {k[0]} {k[1]}", r)
    days = {}
    for x in now:
        days.setdefault(x["at"].date().isoformat(), []).append(x)
    ok({r["day"]: (r["messages"], r["pass"], r["reports"]) for r in d["days"]} == {k: (total(v), total(v, passed), len({x["id"] for x in v})) for k, v in days.items()}, "days", d["days"])
    ok({r["domain"]: r["messages"] for r in d["domains"]} == {k: total(now, lambda x: x["domain"] == k) for k in ("example.com", "shop.example.com")}, "domains")
    ok(sum(r["messages"] for r in d["sources"]) == total(now), "sources add up")
    bad = next(r for r in d["sources"] if r["source_ip"] == BAD)
    ok(bad["ptr"] == "mail.google.com (unconfirmed)" and bad["standing"] == "unknown", "a reverse name that does not lead back convinces nobody", bad)
    nxt = {(r["domain"], r["sender"], r["standing"]): (r["policy"], r["next_policy"], r["hit"]) for r in d["next"]}
    for domain in ("example.com", "shop.example.com"):
        for k in set(SENDER.values()):
            hit = total(now, lambda x: x["domain"] == domain and SENDER[x["ip"]] == k and not passed(x))
            ok(nxt.get((domain, *k)) == (("quarantine pct=50", "quarantine", hit) if hit else None), f"next policy: {domain} {k}", nxt.get((domain, *k)), hit)
    changes = {(r["source_ip"], r["domain"]): r["change"] for r in d["changes"]}
    ok(changes.get((BAD, "example.com")) == "new_failing" and changes.get((BAD, "shop.example.com")) == "new_failing", "a new source that fails")
    ok(changes.get((OWN2, "example.com")) == "newly_failing", "a source that fails anew")
    ok((OWN, "example.com") not in changes and (STEADY, "example.com") not in changes and (FWD, "example.com") not in changes, "what stays as it was is not told", changes)
    rep = {r["reporter"]: (r["reports"], r["reports_before"], r["state"]) for r in d["reporters"]}
    n = lambda rows, who: len({x["id"] for x in rows if x["reporter"] == who})
    ok(rep == {k: (n(now, k), n(before, k), s) for k, s in (("alpha.example", "reporting"), ("beta.example", "reporting"), ("gamma.example", "silent"), ("delta.example", "new"))}, "reporters", rep)
    codes = {(f["code"], f["subject"]) for f in d["findings"]}
    for f in (("reporter_silent", "gamma.example"), ("policy_changed", "example.com"), ("newly_failing", "own as example.com"), ("own_failing", "own as example.com"),
              ("new_source", "203.0.113.0/24 as example.com"), ("resent", "beta.example")):
        ok(f in codes, f"finding: {f[0]} {f[1]}", codes)
    ok(not any(c == "no_reports" for c, _ in codes), "nobody cries that there are no reports")
    states = sorted((r["state"], r["records"]) for r in d["resends"])
    ok(states == [("counts", 7), ("set aside", 2), ("set aside", 6)], "resends: the fuller one counts", states)
    pol = {(r["domain"], r["p"], r["pct"]) for r in d["policies"]}
    ok(pol == {("example.com", "quarantine", 50), ("shop.example.com", "quarantine", 50)}, "policies", pol)
    ov = {r["type"]: r["messages"] for r in d["overrides"]}
    ok(set(ov) == {"forwarded", "local_policy"} and all(r["meaning"] for r in d["overrides"]), "overrides are explained", ov)
    late = [x for x in TLS if x[1] >= 7]
    to = t["overview"][0]
    ok((to["successful"], to["failed"], to["sessions_before"]) == (sum(x[4] for x in late), sum(f[2] for x in late for f in x[5]), 204), "TLS overview", to)
    ok({(r["change"], r["result_type"]) for r in t["changes"]} == {("new", "starttls-not-supported")} and len(t["changes"]) == 1, "TLS changes", t["changes"])
    tc = {(f["code"], f["subject"]) for f in t["findings"]}
    ok(tc == {("tls_failing", "example.com at mx1.example.com"), ("tls_failing", "example.com at mx2.example.com"), ("policy_lost", "example.com"),
              ("reporter_silent", "quiet.example"), ("no_policy", "example.com")}, "TLS findings", tc)
    ok({(r["mx"], r["failed"]) for r in t["mx"]} == {("mx1.example.com", 5), ("mx2.example.com", 7)}, "TLS by MX")
    ok({(r["reporter"], r["state"]) for r in t["reporters"]} == {("mta.example", "reporting"), ("quiet.example", "silent")}, "TLS reporters")
    ok(all(r["meaning"] and r["advice"] for r in t["failures"]), "TLS failures are explained")


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](sys.argv[2])
