#!/usr/bin/env python3
"""Every byte is accounted for: bytes = recorded + rejected + ignored, for every file.

usage: account.py WAYBILL CONNINFO FOLDER...

Ingests every file below the folders and compares waybill.source with the files
themselves: decompressed size, SHA-256, and the sums.  Prints TAP lines.
"""
import hashlib
import json
import os
import subprocess
import sys
import zlib

NOT_MAIL = ("README.md", "truth.json", "hosts.json", "dns.zone", ".txt", ".json", "history.dat", "query.log", "subscriptions", ".lock")
TIMEOUT_S = 120


def contents(path):
    """What a reader can get out of a file: gunzipped as far as it goes, once."""
    with open(path, "rb") as f:
        raw = f.read()
    if raw[:2] != b"\x1f\x8b":
        return raw, False
    out, damaged = [], False
    while raw[:2] == b"\x1f\x8b":
        z = zlib.decompressobj(31)
        try:
            out.append(z.decompress(raw))
        except zlib.error:
            z = zlib.decompressobj(31)  # byte by byte: keep what comes before the fault
            try:
                for i in range(0, len(raw), 64):
                    out.append(z.decompress(raw[i:i + 64]))
            except zlib.error:
                pass
            return b"".join(out), True
        damaged = not z.eof
        raw = z.unused_data
        if damaged:
            break
    return b"".join(out), damaged or bool(raw)


def main():
    waybill, conninfo, folders = sys.argv[1], sys.argv[2], sys.argv[3:]
    number = bad = 0

    def verdict(right, text):
        nonlocal number, bad
        number += 1
        bad += not right
        print(f"{'ok' if right else 'not ok'} {number} - {text}")

    paths = [os.path.join(d, n) for folder in folders for d, _, names in sorted(os.walk(folder)) for n in sorted(names)
             if not n.endswith(NOT_MAIL) and not n.startswith(("dovecot", "maildir"))]
    hostile = [path for path in paths if "/hostile/" in path]
    for one in [[path] for path in hostile] + [[path for path in paths if path not in hostile]]:  # a crash names its file
        p = subprocess.run([waybill, "-q", "--db", conninfo, "ingest", *one], capture_output=True, text=True, errors="replace", timeout=TIMEOUT_S)
        if p.returncode not in (0, 65, 66):
            verdict(False, f"{one[0]}: exit {p.returncode} {p.stderr[-300:]}")
    p = subprocess.run([waybill, "-q", "--db", conninfo, "db", "psql", "-XAtqc",
                        "select json_agg(json_build_object('path', p.path, 'sha256', encode(s.sha256, 'hex'), 'bytes', s.bytes, 'recorded', s.recorded_bytes,"
                        " 'rejected', s.rejected_bytes, 'ignored', s.ignored_bytes, 'records', s.records, 'rejects', s.rejected, 'state', s.state, 'format', s.format,"
                        " 'listed', (select count(*) from waybill.reject r where r.source_id = s.source_id)))"
                        " from waybill.source s join (select source_id, path from waybill.source union select source_id, path from waybill.source_path) p using (source_id)"],
                       capture_output=True, text=True)
    if p.returncode != 0:
        print(p.stderr)
        verdict(False, "waybill.source can be read")
        return 1
    sources = {s["path"]: s for s in json.loads(p.stdout.strip() or "[]")}
    total = unread = 0
    for path in paths:
        s = sources.get(path)
        data, damaged = contents(path)
        name = os.path.relpath(path)
        if s is None:
            unread += 1
            if data and "hostile" not in path:
                verdict(False, f"{name}: nothing is known of it")
            continue
        total += s["bytes"]
        said = f"{name} ({s['format']}): {s['bytes']} bytes = {s['recorded']} recorded + {s['rejected']} rejected + {s['ignored']} ignored"
        right = s["bytes"] == s["recorded"] + s["rejected"] + s["ignored"]
        if not damaged:
            right = right and s["bytes"] == len(data) and s["sha256"] == hashlib.sha256(data).hexdigest()
            said += "" if s["bytes"] == len(data) else f", the file has {len(data)}"
        if s["listed"] != s["rejects"]:
            right, said = False, said + f"; {s['rejects']} rejects counted, {s['listed']} listed"
        verdict(right, said)
    print(f"# {len(paths)} files, {total} bytes, {unread} files of no format we read")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
