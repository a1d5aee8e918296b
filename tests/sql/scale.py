#!/usr/bin/env python3
"""Shapes of logs that make careless joins quadratic, and the work that the server did for them.

usage: scale.py write SHAPE N       the lines of a shape of size N, on stdout
       scale.py work SERVER_LOG FROM    rows that all plans since byte FROM handled, as auto_explain wrote them
"""
import json
import sys
from datetime import datetime, timedelta, timezone

BEGIN = datetime(2026, 3, 2, tzinfo=timezone.utc)


def line(second, host, program, text):
    at = (BEGIN + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
    return f"{at} {host} postfix/{program}: {text}" if "spf" not in program else f"{at} {host} {program}: {text}"


def message(i, second, host="mx", queue_id=None, message_id=None, relay="r.example[192.0.2.1]:25", to=None,
            status="sent", reply=None, sender="s@x.example"):
    q = queue_id or f"{i:05X}{i % 4096:05X}"
    yield line(second, host, "smtpd[5]", f"{q}: client=c.example[192.0.2.9]")
    if message_id != "":
        yield line(second + .01, host, "cleanup[7]", f"{q}: message-id=<{message_id or f'm{i}@x.example'}>")
    yield line(second + .02, host, "qmgr[8]", f"{q}: from=<{sender}>, size=900, nrcpt=1 (queue active)")
    yield line(second + .1, host, "smtp[9]", f"{q}: to=<{to or f'r{i}@y.example'}>, relay={relay}, delay=1, delays=0/0/0/1, "
               f"dsn=2.0.0, status={status} ({reply or f'250 2.0.0 Ok: queued as {i:05X}AB{i % 4096:03X}'})")
    yield line(second + .2, host, "qmgr[8]", f"{q}: removed")


def plain(n):
    for i in range(n):
        yield from message(i, i)


def policy(n):  # a policy service names no queue id; one client within seconds
    for i in range(n):
        yield line(i * .01, "mx", "policyd-spf[30]", "prepend Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=192.0.2.9; "
                   f"helo=c.example; envelope-from=s@x.example; receiver=r{i}@y.example")
    for i in range(n):
        yield from message(i, (n + i) * .01)


def queue_id(n):  # one queue id, again and again
    for i in range(n):
        yield from message(i, i, queue_id="3F1A1B2C3D", message_id="")


def unnamed(n, begin=0):  # no Message-IDs, over two hosts
    for i in range(n):
        taken = f"{begin + i:05X}EE{i % 4096:03X}"
        yield from message(begin + i, begin + i, message_id="", relay="mb[192.0.2.1]:25", reply=f"250 2.0.0 Ok: queued as {taken}")
        yield from message(begin + i, begin + i + .3, host="mb", queue_id=taken, message_id="", reply="250 ok")


def headless(n, begin=0):  # births that nobody saw, and some that came in another file
    for i in range(n):
        yield from list(message(begin + i, begin + i))[2 if i % 2 else 1:]


def more_unnamed(n):  # some behind them
    yield from unnamed(n, 50000)


def more_headless(n):
    yield from headless(n, 50000)


def bounces(n):  # one Message-ID, each use returned with a notification
    for i in range(n):
        notice = f"{i:05X}DD{i % 4096:03X}"
        yield from message(i, i, message_id="same@x.example", status="bounced",
                           reply="host r.example[192.0.2.1] said: 550 5.1.1 no such user")
        yield line(i + .15, "mx", "bounce[11]", f"{i:05X}{i % 4096:05X}: sender non-delivery notification: {notice}")
        yield from message(i, i + .3, queue_id=notice, message_id=f"b{i}@mx", sender="", reply="250 ok")


def discards(n):  # thrown away at RCPT: no queue id, and a transit that says nothing else
    for i in range(n):
        yield line(i * .02, "mx", "smtpd[5]", f"NOQUEUE: discard: RCPT from c.example[192.0.2.9]: <r{i}@y.example>: Recipient address; "
                   f"from=<s@x.example> to=<r{i}@y.example> proto=ESMTP helo=<c.example>")
        yield line(i * .02, "mx", "smtpd[5]", f"{i:05X}{i % 4096:05X}: client=c.example[192.0.2.9]")


def lost(n):  # a relay is a host of ours, and its log, over days, lacks every fifth message
    for i in range(n):
        taken = f"{i:05X}CC{i % 4096:03X}"
        yield from message(i, i * 600, relay="mb[192.0.2.1]:25", reply=f"250 2.0.0 Ok: queued as {taken}")
        if i % 5:
            yield from message(i, i * 600 + .3, host="mb", queue_id=taken, reply="250 ok")


def work(log, begin):
    """Rows that nodes of plans gave, looked at in vain or joined in vain, over all their loops."""
    rows, text = 0, open(log, "rb").read()[begin:].decode("utf-8", "replace")

    def walk(node):
        loops = node.get("Actual Loops", 0)
        here = node.get("Actual Rows", 0)
        here += sum(node.get(f"Rows Removed by {x}", 0) for x in ("Filter", "Join Filter", "Index Recheck"))
        return here * loops + sum(walk(p) for p in node.get("Plans", []))

    decoder, at = json.JSONDecoder(), text.find("{\n")
    while at >= 0:
        try:
            plan, end = decoder.raw_decode(text, at)
        except ValueError:
            at = text.find("{\n", at + 1)
            continue
        rows += int(walk(plan["Plan"])) if "Plan" in plan else 0
        at = text.find("{\n", end)
    return rows


if __name__ == "__main__":
    if sys.argv[1] == "write":
        for text in globals()[sys.argv[2]](int(sys.argv[3])):
            print(text)
    else:
        print(work(sys.argv[2], int(sys.argv[3])))
