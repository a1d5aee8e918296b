#!/usr/bin/env python3
"""Grades waybill on the recorded lab: real logs and mailboxes, and what truly happened.

usage: lab.py LAB WAYBILL [--graded-only] [-v]   (-v: also what is right but not exact)

Ingests every host's logs and mail (as an operator would, host by host), analyzes,
and compares the public views with LAB/truth.json: the outcome and stage per
recipient, the hops in order, and that no journey mixes two messages.  Prints every
difference with the log lines behind it, then a table, then TAP lines for the
thresholds.  It reads the database through `waybill db psql` alone.
"""
import json
import os
import re
import subprocess
import sys

NOW = "2026-11-30T00:00:00Z"
THRESHOLDS = {"outcome": 97.0, "stage": 90.0, "hops": 95.0}
LINES_SHOWN = 14
LINE_WIDTH = 240
REFUSAL_WINDOW_S = 25

# truth's outcome -> ours; the second set counts as right, too, but not as exact
OUTCOMES = {
    "delivered": ({"inbox"}, {"inbox", "stored"}),
    "bounced": ({"bounced"}, {"bounced"}),
    "expired": ({"expired"}, {"expired"}),
    "discarded": ({"discarded"}, {"discarded"}),
    "held": ({"deferred"}, {"deferred"}),
    "deleted": ({"discarded"}, {"discarded"}),
}
REASONS = {"held": "held", "deleted": "deleted", "aborted": "connection_lost"}
FOLDERS = {"Junk": "junk", "Spam": "junk"}
ACCEPTED_WILL_DO = {"mxc", "mxd"}  # hosts whose later stages their logs do not tell


def run(waybill, *args):
    p = subprocess.run([waybill, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if p.returncode != 0:
        sys.stdout.write(p.stdout[-2000:])
        sys.stdout.write(p.stderr[-4000:])
        print(f"not ok - waybill {' '.join(args)[:200]} (exit {p.returncode})")
        sys.exit(1)
    return p.stdout


def query(waybill, sql):
    text = run(waybill, "db", "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c",
               f"set timezone='UTC'; select coalesce(json_agg(row_to_json(t)), '[]') from ({sql}) t")
    return json.loads(text)


def bare(message_id):
    return message_id[1:-1] if message_id and message_id.startswith("<") and message_id.endswith(">") else message_id


def ingest(lab, waybill, hosts):
    run(waybill, "init")
    for host in hosts:
        paths = [p for p in (f"{lab}/logs/{host['name']}", f"{lab}/mail/{host['name']}") if os.path.isdir(p)]
        if host["mta"] is not None and paths:
            run(waybill, "-q", "ingest", "--host", host["name"], "--timezone", host["log_time_zone"], *paths)
    run(waybill, "-q", "analyze", "--dns", f"{lab}/dns.zone", "--now", NOW)


class Logs:
    """Every log line of the lab, to show what lies behind a difference."""

    def __init__(self, lab):
        self.lines = []
        for folder, _, names in sorted(os.walk(f"{lab}/logs")):
            for name in sorted(names):
                if name == "query.log" or "traditional" in name:
                    continue
                path = f"{folder}/{name}"
                with open(path, errors="replace") as f:
                    where = path[len(lab) + 6:]
                    self.lines += [(f"{where}:{i}", line.rstrip("\n")) for i, line in enumerate(f, 1)]

    def about(self, words, shown):
        found = [(w, l) for w, l in self.lines if any(x in l for x in words)]
        cut = found if len(found) <= shown else found[:shown - 4] + found[-4:]
        return [f"{w} {l[:LINE_WIDTH]}" for w, l in cut]


class Database:
    def __init__(self, waybill, names):
        """names: what a host calls itself in headers -> what the operator calls it."""
        self.journeys = {j["journey_id"]: j for j in query(waybill, "select * from waybill.journey")}
        self.hops, self.at_queue = {}, {}
        for h in query(waybill, "select journey_id, seq, host, queue_id, seen_in, arrived_at from waybill.hop order by journey_id, seq"):
            h["host"] = names.get(h["host"], h["host"])
            self.hops.setdefault(h["journey_id"], []).append(h)
            if h["queue_id"]:
                self.at_queue.setdefault((h["host"], h["queue_id"]), []).append(h["journey_id"])
        self.deliveries = {}
        for d in query(waybill, "select journey_id, recipient, final_recipient, outcome, stage, reason, code, enhanced, reply,"
                                " decided_by, attempts, placement from waybill.delivery"):
            self.deliveries.setdefault(d["journey_id"], []).append(d)
        self.refusals = query(waybill, "select *, extract(epoch from at)::float8 as epoch from waybill.refusal")
        self.by_message_id = {}
        for j in self.journeys.values():
            self.by_message_id.setdefault(bare(j["message_id"]), []).append(j["journey_id"])
        self.auth = {}
        for a in query(waybill, "select journey_id, method, domain, result, said_by from waybill.auth_result"):
            self.auth.setdefault(a["journey_id"], []).append(a)


def routes_of(recipient):
    routes = list((recipient.get("routes") or {}).values()) or [recipient.get("hops") or []]
    return [[(h["host"], h["queue_id"]) for h in route] for route in routes]


def is_subsequence(part, whole):
    it = iter(whole)
    return all(x in it for x in part)


class Grade:
    def __init__(self, lab, waybill):
        self.hosts = json.load(open(f"{lab}/hosts.json"))
        self.truth = json.load(open(f"{lab}/truth.json"))
        self.logs = Logs(lab)
        self.waybill, self.lab = waybill, lab
        self.score = {}  # figure -> [right, all]
        self.differences = []
        self.used_refusals = set()
        self.addresses = {h["name"]: set(h["addresses"]) for h in self.hosts}
        self.clock = {h["name"]: h["clock_offset_seconds"] for h in self.hosts}

    def count(self, figure, right):
        s = self.score.setdefault(figure, [0, 0])
        s[0] += bool(right)
        s[1] += 1
        return right

    def differ(self, m, r, what, wanted, got):
        words = [q for route in (routes_of(r) if r else []) for _, q in route]
        if not words:
            words = [(r or {}).get("log_line", {}).get("text", "\0")[16:]]
            words += [bare(m["message_id"])] if m["message_id"] and "twice" not in m["message_id"] else []
        self.differences.append((m["n"], m["scenario"], r["rcpt"] if r else "", what, wanted, got,
                                 self.logs.about([w for w in words if w], LINES_SHOWN)))

    # -- which journey a message became

    def journeys_of(self, m):
        """Journey ids by the queues the message truly passed, the most hit one first; else by Message-ID."""
        hits = {}
        for r in m["recipients"]:
            for route in routes_of(r):
                for key in route:
                    for j in self.db.at_queue.get(key, []):
                        hits[j] = hits.get(j, 0) + 1
        if hits:
            return sorted(hits, key=lambda j: -hits[j])
        if any(route for r in m["recipients"] for route in routes_of(r)):
            return self.db.by_message_id.get(bare(m["message_id"]), [])
        return []

    def find_refusal(self, m, r):
        best, best_rank = None, None
        server = m["first_server"]
        reply = r.get("reply") or ""
        for i, f in enumerate(self.db.refusals):
            if i in self.used_refusals or f["host"] != server:
                continue
            if f["recipient"] and f["recipient"].lower() != r["rcpt"].lower():
                continue
            if f["client_ip"] and f["client_ip"].split("/")[0] not in self.addresses[m["client"]]:
                continue
            apart = abs(f["epoch"] - self.clock[server] - m["sent_at"])
            if apart > REFUSAL_WINDOW_S:
                continue
            said = (f["reply"] or "").strip()
            alike = bool(said) and (said in reply or reply.split(" ", 2)[-1] in said or str(f["code"] or "-") == reply[:3])
            rank = (r["outcome"] == "aborted" and f["reason"] != "connection_lost", not alike, apart)
            if best is None or rank < best_rank:
                best, best_rank = i, rank
        if best is None:
            return None
        self.used_refusals.add(best)
        return self.db.refusals[best]

    def deliveries_of(self, journeys, r):
        finals = r.get("final") or []
        finals = {f.lower() for f in ([finals] if isinstance(finals, str) else finals)}
        wanted = r["rcpt"].lower()
        rows = [d for j in journeys for d in self.db.deliveries.get(j, [])]
        first = [d for d in rows if (d["recipient"] or "").lower() == wanted]
        return first or [d for d in rows if {(d["recipient"] or "").lower(), (d["final_recipient"] or "").lower()} & (finals | {wanted})]

    # -- one recipient

    def grade_refused(self, m, r):
        f = self.find_refusal(m, r)
        right = f is not None and (r["outcome"] != "aborted" or f["reason"] == "connection_lost")
        if not self.count("outcome", right):
            self.differ(m, r, "outcome", r["outcome"], f and f"refusal {f['reason']} {f['reply']!r}" or "no refusal row")
        self.count("outcome exact", right)
        return f and f["stage"]

    def grade_delivery(self, m, r, journeys):
        rows = self.deliveries_of(journeys, r)
        exact, fine = OUTCOMES[r["outcome"]]
        if r["outcome"] == "delivered":
            folder = FOLDERS.get((r.get("folder") or "").strip("."))
            if folder:
                exact, fine = {folder}, {folder}
            at = {h for route in routes_of(r) for h, _ in route[-1:]} | {r["at"]}
            if at & ACCEPTED_WILL_DO:
                fine = fine | {"accepted"}
        hit = next((d for d in rows if d["outcome"] in exact), None) or next((d for d in rows if d["outcome"] in fine), None)
        right = hit is not None and REASONS.get(r["outcome"], hit["reason"]) == hit["reason"]
        if not self.count("outcome", right):
            self.differ(m, r, "outcome", r["outcome"], [(d["recipient"], d["outcome"], d["stage"], d["reason"], (d["reply"] or "")[:100])
                                                        for d in rows] or "no delivery row")
        if not self.count("outcome exact", right and hit["outcome"] in exact) and right and "-v" in sys.argv:
            self.differ(m, r, "outcome exact", sorted(exact), hit["outcome"])
        return (hit or (rows[0] if rows else {})).get("stage")

    def grade_stage(self, m, r, got):
        wanted = {r["stage"]}
        if r["stage"] == "auth":
            wanted = {"submission", "authentication"} if r["at"] == "msa" else {"authentication"}
        if not self.count("stage", got in wanted):
            self.differ(m, r, "stage", sorted(wanted), got)

    def grade_hops(self, m, r, journeys, all_keys):
        for route in routes_of(r):
            if not route:
                continue
            ours = [[(h["host"], h["queue_id"]) for h in self.db.hops.get(j, [])] for j in journeys]
            found = any(is_subsequence(route, keys) for keys in ours)
            if not self.count("hops", found):
                self.differ(m, r, "hops", route, [(h["seq"], h["host"], h["queue_id"], h["seen_in"])
                                                  for j in journeys for h in self.db.hops.get(j, [])] or "no journey")
            extra = [k for keys in ours[:1] for k in keys if k not in all_keys]
            if not self.count("hops exact", found and not extra and len(ours) == 1) and found and "-v" in sys.argv:
                self.differ(m, r, "hops exact", route, {"extra": extra, "journeys": len(ours)})

    def grade_auth(self, m, r, journeys):
        for method, wanted in (r.get("auth") or {}).items():
            said = [a["result"] for j in journeys for a in self.db.auth.get(j, []) if a["method"] == method and a["said_by"] == "waybill"]
            if said and wanted is not None and not self.count("authentication", wanted in said) and "-v" in sys.argv:
                self.differ(m, r, "authentication " + method, wanted, said)

    # -- all

    def grade_mixed(self):
        owners, split = {}, 0
        for m in self.truth["messages"]:
            js = set()
            for r in m["recipients"]:
                for key in [k for route in routes_of(r) for k in route]:
                    for j in self.db.at_queue.get(key, []):
                        owners.setdefault(j, set()).add(m["n"])
                        js.add(j)
            split += len(js) > 1
            if len(js) > 1:
                self.differ(m, m["recipients"][0], "one journey", 1, {j: [(h["host"], h["queue_id"]) for h in self.db.hops[j]] for j in js})
        mixed = {j: ns for j, ns in owners.items() if len(ns) > 1}
        for j, ns in mixed.items():
            m = next(m for m in self.truth["messages"] if m["n"] == min(ns))
            self.differ(m, m["recipients"][0], "mixed", "one message", sorted(ns))
        return len(mixed), split

    def grade_notifications(self):
        of_n = {m["n"]: self.journeys_of(m) for m in self.truth["messages"]}
        for o in self.truth["others"]:
            if o.get("kind") != "bounce" or o.get("about") not in of_n:
                continue
            about = [self.db.journeys[j].get("about_journey_id") for j in self.db.by_message_id.get(bare(o["message_id"]), [])]
            if not self.count("bounces linked", any(a in of_n[o["about"]] for a in about)) and "-v" in sys.argv:
                m = next(m for m in self.truth["messages"] if m["n"] == o["about"])
                self.differ(m, m["recipients"][0], "bounce linked", o["message_id"], about)

    def grade(self):
        self.db = Database(self.waybill, {h["fqdn"]: h["name"] for h in self.hosts})
        for m in self.truth["messages"]:
            journeys = self.journeys_of(m)
            keys = {k for r in m["recipients"] for route in routes_of(r) for k in route}
            for r in m["recipients"]:
                if r["outcome"] in ("rejected", "aborted"):
                    stage = self.grade_refused(m, r)
                else:
                    stage = self.grade_delivery(m, r, journeys)
                if r["stage"]:
                    self.grade_stage(m, r, stage)
                self.grade_hops(m, r, journeys, keys)
                self.grade_auth(m, r, journeys)
        self.grade_notifications()
        return self.grade_mixed()

    def report(self, mixed, split):
        for n, scenario, rcpt, what, wanted, got, lines in self.differences:
            print(f"# {n} {scenario}, {rcpt}: {what}: wanted {wanted}, got {got}")
            for line in lines:
                print(f"#     {line}")
        print("#")
        for figure, (right, total) in sorted(self.score.items()):
            print(f"# {figure:16} {right:4} of {total:4}  {100.0 * right / total:6.1f} %")
        print(f"# journeys that mix two messages: {mixed}; messages in more than one journey: {split}")
        for figure, least in THRESHOLDS.items():
            right, total = self.score.get(figure, [0, 0])
            share = 100.0 * right / total if total else 0.0
            print(f"{'ok' if share >= least else 'not ok'} - lab: {figure} right for at least {least:.0f} % ({share:.1f} %)")
        print(f"{'ok' if mixed == 0 else 'not ok'} - lab: no journey mixes two messages ({mixed})")
        return mixed == 0 and all(100.0 * self.score[f][0] >= t * self.score[f][1] for f, t in THRESHOLDS.items())


def main():
    lab, waybill = os.path.abspath(sys.argv[1]), sys.argv[2]
    grade = Grade(lab, waybill)
    if "--graded-only" not in sys.argv:
        ingest(lab, waybill, grade.hosts)
    return 0 if grade.report(*grade.grade()) else 1


if __name__ == "__main__":
    sys.exit(main())
