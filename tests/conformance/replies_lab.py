"""Replies that real servers gave, against what was planned: stage from truth.json, reason by scenario.

Usage: replies_lab.py WAYBILL LAB.  Every refusal and every status of the senders' and receivers' logs
is classed by `waybill classify`; where truth.json tells the recipient's fate, stage and reason must be
its own, and no reply of the logs may stay undefined but those in UNKNOWABLE.
"""
import json
import re
import subprocess
import sys

REASONS = {
    "MX points back to relay": "loop",
    "MX without address": "domain_unknown",
    "alias to nobody": "user_unknown",
    "deferred, expired": "mailbox_disabled",
    "domain does not exist": "domain_unknown",
    "forwarded to nobody": "user_unknown",
    "forwarded, unsigned, p=reject": "authentication_failed",
    "greylisted, then delivered": "greylisted",
    "no route to host": "network_unreachable",
    "recipient policy": "policy",
    "rejected, header check": "content_refused",
    "forbidden phrase": "content_refused",
    "server never greets": "connection_timeout",
    "too big for mxb": "message_too_large",
    "too big for mxc": "message_too_large",
    "too big for mxd": "message_too_large",
    "too big to submit": "message_too_large",
    "unknown user": "user_unknown",
    "DNSBL": "blocklisted",
    "wrong password": "login_failed",
    "no authentication": "login_failed",
}
# what a server says without saying why, or words of its administrator alone
UNKNOWABLE = re.compile(r"lab (header|discards)")
STAGES = {"auth": "authentication"}
AT = {"RCPT": "(in reply to RCPT TO command)", "MAIL": "(in reply to MAIL FROM command)",
      "END-OF-MESSAGE": "(in reply to end of DATA command)", "CONNECT": "refused to talk to me: "}


def reply_of(line):
    """The reply in a log line, in the words a sender would keep, or None."""
    m = re.search(r"status=(?:deferred|bounced|undeliverable) \((.*)\)$", line)
    if m:
        return m.group(1)
    m = re.search(r"reject: (RCPT|MAIL|CONNECT|END-OF-MESSAGE) from \S+: (.*?); (?:from|to)=", line)
    if m:
        return "%s %s" % (m.group(2), AT[m.group(1)])
    m = re.search(r"reject: header .*?>: (.*)$", line)
    if m:
        return "%s %s" % (m.group(1), AT["END-OF-MESSAGE"])
    m = re.search(r"rejected RCPT <[^>]*>: (.*)$", line)
    if m:
        return "%s %s" % (m.group(1), AT["RCPT"])
    m = re.search(r"rejected after DATA: (.*)$", line)
    if m:
        return "%s %s" % (m.group(1), AT["END-OF-MESSAGE"])
    m = re.search(r" \*\* .*?: (SMTP error from .*)$", line)
    if m:
        return m.group(1)
    m = re.search(r"reject=(\d{3} .*)$", line)
    if m:
        return "%s %s" % (m.group(1), AT["RCPT"])
    m = re.search(r'result="([45]\d\d .*)"', line)
    if m:
        return "%s %s" % (m.group(1), AT["RCPT"])
    return None


def classify(waybill, replies):
    text = "".join(r + "\n" for r in replies)
    out = subprocess.run([waybill, "classify"], input=text, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in out.stdout.splitlines()]


def main(waybill, lab):
    n = 0

    def ok(good, name):
        nonlocal n
        n += 1
        print("%s %d - %s" % ("ok" if good else "not ok", n, name))

    with open(lab + "/truth.json", encoding="utf-8") as f:
        truth = json.load(f)
    rows = []
    for message in truth["messages"]:
        for recipient in message["recipients"]:
            line = recipient.get("log_line") or {}
            reply = reply_of(line.get("text", ""))
            if line.get("host") != "msa" and reply is None:
                continue
            if line.get("host") == "msa":
                reply = message["first_reply"]
                if message["scenario"] == "too big to submit":
                    reply += " " + AT["MAIL"]
            if reply and not UNKNOWABLE.search(reply):
                rows.append((message["n"], message["scenario"], recipient.get("stage"), reply))
    for (number, scenario, stage, reply), got in zip(rows, classify(waybill, [r[3] for r in rows])):
        want = REASONS.get(scenario, got["reason"])
        if scenario == "user has left":
            want = "address_moved" if "moved" in reply else "user_unknown"
        if scenario == "no authentication":
            stage, want = "envelope", "policy"  # the submission port is not in the reply
            reply_stage = got["stage"] or "envelope"
        elif scenario == "wrong password":
            stage, reply_stage = "submission", got["stage"]
        else:
            reply_stage = got["stage"]
        stage = STAGES.get(stage, stage) or reply_stage
        ok(got["reason"] == want and reply_stage == stage,
           "%d %s: %s at %s, got %s at %s" % (number, scenario, want, stage, got["reason"], got["stage"]))
    replies = set()
    for log in ("msa/mail.log", "relay/mail.log", "mxb/mail.log", "fwd/mail.log", "mxa/mainlog", "mxc/mail.log",
                "mxd/mail.log"):
        with open(lab + "/logs/" + log, encoding="utf-8", errors="replace") as f:
            replies.update(filter(None, (reply_of(line.rstrip("\n")) for line in f)))
    replies = sorted(replies)
    undefined = [r for r, got in zip(replies, classify(waybill, replies))
                 if got["reason"] == "undefined" and not UNKNOWABLE.search(r)]
    ok(len(replies) > 50 and not undefined, "%d different replies, none undefined %s" % (len(replies), undefined))
    print("1..%d" % n)


main(sys.argv[1], sys.argv[2])
