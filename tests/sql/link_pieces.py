#!/usr/bin/env python3
"""Logs of three hosts in pieces that come in any order, full of what only queue ids join: messages without a
Message-ID, ids that are given out again, content filters, lost lines, cuts.

usage: link_pieces.py DIR SEED [MESSAGES]     writes DIR/NN.log, to be ingested in the order of the numbers
"""
import random
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

BEGIN = datetime(2026, 3, 2, 10, tzinfo=timezone.utc)
HOSTS = "abc"
IDS = [f"3F1A{i:X}" for i in range(12)]


def stamp(second):
    return (BEGIN + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


class Logs:
    def __init__(self, rng):
        self.rng, self.lines, self.free = rng, {h: [] for h in HOSTS}, {h: {} for h in HOSTS}

    def line(self, second, host, program, text):
        self.lines[host].append((second, f"{stamp(second)} {host} postfix/{program}: {text}\n"))

    def queue_id(self, host, begin):
        """One that is free by then: ids come again as soon as they may."""
        free = [q for q in IDS if self.free[host].get(q, -1) < begin]
        if not free or self.rng.random() < .3:
            free = [f"4B{self.rng.randrange(4096):03X}{len(self.lines[host]):X}"]
        return self.rng.choice(free)

    def hop(self, second, path, message_id, sender, to, orig=None, queue_id=None):
        """A message in the queue of path[0], on its way along the rest."""
        rng, host, rest = self.rng, path[0], path[1:]
        q = queue_id or self.queue_id(host, second)
        self.free[host][q] = float("inf")
        if rng.random() < .9:
            self.line(second, host, "smtpd[5]", f"{q}: client=c.example[192.0.2.9]" +
                      (f", orig_queue_id={orig}, orig_client=c.example[192.0.2.9]" if orig else ""))
        if message_id or rng.random() < .3:
            self.line(second + .01, host, "cleanup[7]", f"{q}: message-id=<{message_id}>")
        self.line(second + .02, host, "qmgr[8]", f"{q}: from=<{sender}>, size=900, nrcpt=1 (queue active)")
        at = second + rng.choice([.1, .1, .1, 2, 30])
        for _ in range(rng.choice([0, 0, 0, 1, 3])):  # tries in vain, over seconds or days
            self.line(at, host, "smtp[9]", f"{q}: to=<{to}>, relay=r.example[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=4.0.0, "
                      "status=deferred (450 later)")
            at += rng.choice([60, 1800, 7200, 90000])
        if rest:
            following = self.queue_id(rest[0], at)
            self.free[rest[0]][following] = float("inf")
            reply, relay = f"250 2.0.0 Ok: queued as {following}", "127.0.0.1[127.0.0.1]:10025" if rest[0] == host else "r.example[192.0.2.1]:25"
            self.hop(at + .05 + rng.choice([0, 0, 5]), rest, message_id, sender, to, q if rest[0] == host else None, following)
        else:
            reply, relay = rng.choice(["250 ok", f"250 2.0.0 Ok: queued as {rng.choice(IDS)}"]), "r.example[192.0.2.1]:25"
        self.line(at + .1, host, "smtp[9]", f"{q}: to=<{to}>, relay={relay}, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent ({reply})")
        end = at + .2 + rng.choice([0, 0, 1])
        if rng.random() < .95:
            self.line(end, host, "qmgr[8]", f"{q}: removed")
        self.free[host][q] = end + rng.choice([0, 0, 600])


def main(folder, seed, messages):
    rng = random.Random(seed)
    logs, second = Logs(rng), 0.
    for i in range(messages):
        second += rng.choice([.5, 1, 20, 200, 2000])
        path = rng.choice(["a", "ab", "aab", "abc", "bc", "c", "abbc", "ca"])
        logs.hop(second, path, rng.choice(["", "", f"m{i}@x.example", "same@x.example"]), rng.choice(["s@x.example", "t@x.example", ""]),
                 f"r{i % 7}@y.example")
    pieces = []
    for host in HOSTS:
        lines = [t for _, t in sorted(logs.lines[host]) if rng.random() > .04]
        text = "".join(lines)
        cuts = sorted(rng.sample(range(1, len(text)), 5))
        cuts = [c if rng.random() < .5 else text.rfind("\n", 0, c) + 1 for c in cuts]  # some within a line
        last = 0
        for c in [*cuts, len(text)]:
            if c > last:
                pieces.append(text[last:c])
            last = c
        half = len(lines) // 2  # what another file tells again
        pieces.append("".join(lines[half:half + 12]))
    rng.shuffle(pieces)
    for n, text in enumerate(pieces):
        Path(folder, f"{n:02}.log").write_text(text)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 150)
