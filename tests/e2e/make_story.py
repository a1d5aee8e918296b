#!/usr/bin/env python3
"""Writes samples/story: eleven days at a bicycle shop, a library and a school.

usage: make_story.py FOLDER

Everything is as the servers would have written it: queue ids carry their times, DKIM
signatures verify with the keys of dns.zone (made anew at each run, the private halves are
thrown away), replies appear on both sides.  What happens is told in samples/story/README.md.
"""
import gzip
import os
import shutil
import sys
import tempfile

from story_hosts import TLS, Exim, Postfix, Signer, after, at

out = Postfix("out", "mail.birch.example", "192.0.2.10", "UTC", iso=False)
cedar = Postfix("cedar", "mx.cedar.example", "198.51.100.20", "Europe/Berlin", iso=True)
maple = Exim("maple", "mx.maple.example", "203.0.113.30", "America/New_York")
root = sys.argv[1]
keys = tempfile.mkdtemp()
birch_key = Signer("birch.example", "s2026", keys)
cedar_key = Signer("cedar.example", "lib", keys)
OUT_HI = "ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8"
MX_HI = "ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7"
NO_HI = "ehlo=2 starttls=1 mail=1 rcpt=0/1 data=0/1 quit=1 commands=5/7"
EXIM_TLS = "X=TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256 CV=no"
SPOOFER = "unknown[203.0.113.66]"
files = {}


def write(path, data):
    files[path] = data.encode() if isinstance(data, str) else data


class Message:
    """A message on its way; headers grow at the top as hosts take it."""

    def __init__(self, number, sender, to, subject, body, t, display=None, extra=()):
        self.id = f"{t.strftime('%Y%m%d%H%M%S')}.{number:03}@{sender.split('@')[1]}"
        self.sender, self.t = sender, t
        self.own = [("From", f"{display} <{sender}>" if display else sender), ("To", to), ("Subject", subject),
                    ("Date", t.strftime("%a, %d %b %Y %H:%M:%S +0000")), ("Message-ID", f"<{self.id}>"),
                    ("MIME-Version", "1.0"), ("Content-Type", "text/plain; charset=utf-8"), *extra]
        self.body = body.strip().replace("\n", "\r\n") + "\r\n"
        self.trace = []

    def add(self, name, value):
        self.trace.insert(0, (name, value))

    def copy(self):
        twin = object.__new__(Message)
        twin.__dict__.update(self.__dict__, trace=list(self.trace))
        return twin

    def text(self, *top):
        lines = [f"{n}: {v}" for n, v in [*top, *self.trace, *self.own]]
        return ("\r\n".join(lines) + "\r\n\r\n" + self.body).replace("\r\n", "\n")

    @property
    def size(self):
        return len(self.text())


def received(host, t, from_name, from_rdns, from_ip, qid, protocol, rcpt, tls=True):
    secured = ("\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"
               "\r\n\t key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)"
               "\r\n\t(No client certificate requested)") if tls else ""
    return (f"from {from_name} ({from_rdns} [{from_ip}]){secured}\r\n\tby {host.fqdn} (Postfix) with {protocol} id {qid}"
            f"\r\n\tfor <{rcpt}>; {host.date(t)}")


def submit(m, rcpts, t, big=False):
    """A desk at the shop hands a message to mail.birch.example; gives the queue id."""
    user = m.sender.split("@")[0]
    peer = f"desk-{user}.birch.example[192.0.2.{100 + len(user)}]"
    qid = out.new_id(t)
    pid = out.connect(after(t, -.3), peer, service="submission/smtpd")
    out.log(t, "postfix/submission/smtpd", pid, f"{qid}: client={peer}, sasl_method=PLAIN, sasl_username={m.sender}")
    m.trace.insert(0, ("Received", received(out, t, f"desk-{user}", f"desk-{user}.birch.example", f"192.0.2.{100 + len(user)}",
                                            qid, "ESMTPSA", rcpts[0])))
    signed = ["From", "To", "Subject", "Date", "Message-ID"]
    m.add("DKIM-Signature", birch_key.sign([h for h in m.own if h[0] in signed], m.body, t))
    out.log(after(t, .08), "opendkim", 88, f"{qid}: DKIM-Signature field added (s=s2026, d=birch.example)")
    out.queued(after(t, .05), qid, m.id, m.sender, 23068672 if big else m.size, len(rcpts))
    out.disconnect(after(t, .2), peer, pid, OUT_HI, "submission/smtpd")
    return qid


def out_sends(qid, rcpt, relay, t, began, reply, dsn="2.0.0", status="sent", tls=True):
    pid = 330 + out.next() % 20
    if tls and relay != "none":
        out.tls_out(after(t, -.2), relay, pid)
    to = relay if relay == "none" else f"{relay}:25"
    out.attempt(t, qid, rcpt, to, (t - began).total_seconds(), dsn, status, reply, pid=pid)


def out_bounces(qid, m, t, file=None):
    """The notification goes to the sender's own mailbox on this host."""
    nid, _ = out.bounce(t, qid, m.sender, m.size)
    out.store_locally(after(t, .1), nid, m.sender)
    out.removed(after(t, .05), qid)
    return nid


def cedar_takes(m, rcpt, t, client=("mail.birch.example", "192.0.2.10"), dmarc="pass", spf="Pass", signed=True):
    """mx.cedar.example accepts over SMTP; gives the queue id.  Filters follow in cedar_files."""
    peer, domain = f"{client[0]}[{client[1]}]", m.own[0][1].split("@")[1].rstrip(">")
    qid = cedar.new_id(t)
    pid = cedar.connect(after(t, -.1), peer)
    cedar.log(after(t, -.01), "policyd-spf", 420, f": prepend Received-SPF: {spf} (mailfrom) identity=mailfrom; client-ip={client[1]};"
              f" helo={client[0]}; envelope-from={m.sender}; receiver=cedar.example ")
    cedar.log(t, "postfix/smtpd", pid, f"{qid}: client={peer}")
    if signed:
        cedar.log(after(t, .03), "opendkim", 60, f"{qid}: DKIM verification successful")
    cedar.log(after(t, .04), "opendmarc", 68, f"{qid}: {domain} {dmarc}")
    cedar.queued(after(t, .02), qid, m.id, m.sender, m.size, 1)
    cedar.disconnect(after(t, .1), peer, pid, MX_HI)
    m.add("Received", received(cedar, t, client[0], client[0], client[1], qid, "ESMTPS", rcpt))
    m.add("Received-SPF", f"{spf} (mailfrom) identity=mailfrom; client-ip={client[1]}; helo={client[0]};"
          f" envelope-from={m.sender}; receiver=cedar.example")
    m.add("Authentication-Results", f"mx.cedar.example;\r\n\tdkim={'pass' if signed else 'none'}"
          + (f" (2048-bit key; unprotected) header.d={domain} header.s=s2026" if signed else ""))
    m.add("Authentication-Results", f"mx.cedar.example; dmarc={dmarc} (p=reject dis=none) header.from={domain}")
    return qid


def cedar_filters(m, qid, rcpt, t, score, client_ip="192.0.2.10"):
    """amavis, between the queues; gives the second queue id."""
    second, spam = cedar.new_id(t), score >= 6
    pid, number = 410 + cedar.next() % 20, f"{200 + cedar.next() % 9:05}-{cedar.serial:02}"
    cedar.log(after(t, -.01), "postfix/smtpd", pid, "connect from localhost[127.0.0.1]")
    cedar.log(t, "postfix/smtpd", pid, f"{second}: client=localhost[127.0.0.1], orig_queue_id={qid}, orig_client=unknown[{client_ip}]")
    tests = f"BAYES_99={score}" if spam else f"BAYES_00={score}"
    m.add("X-Spam-Status", f"{'Yes' if spam else 'No'}, score={score} tagged_above=-999 required=6\r\n tests=[{tests}] autolearn=no")
    if spam:
        m.add("X-Spam-Flag", "YES")
    m.add("Received", f"from localhost (localhost [127.0.0.1])\r\n\tby mx.cedar.example (Postfix) with ESMTP id {second}"
          f"\r\n\tfor <{rcpt}>; {cedar.date(t)}")
    cedar.queued(after(t, .01), second, m.id, m.sender, m.size, 1)
    cedar.log(after(t, .08), "amavis", 190, f"({number}) Passed {'SPAM {RelayedTaggedInbound}' if spam else 'CLEAN {RelayedInbound}'}, "
              f"[{client_ip}]:50122 <{m.sender}> -> <{rcpt}>, Queue-ID: {qid}, Message-ID: <{m.id}>, mail_id: q{number.replace('-', 'x')},"
              f" Hits: {score}, size: {m.size}, queued_as: {second}, 301 ms")
    cedar.attempt(after(t, .09), qid, rcpt, "127.0.0.1[127.0.0.1]:10024", .5, "2.0.0", "sent",
                  f"250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as {second}")
    cedar.removed(after(t, .1), qid)
    return second


def cedar_files(m, qid, rcpt, t, box="INBOX", action=None):
    """Dovecot takes it over LMTP and sieve files it; keeps the copy."""
    session = f"{cedar.next():02X}pQ2gRvB2gAYf5{cedar.serial:02X}"
    verdict = action or f"stored mail into mailbox '{box}'"
    cedar.log(t, "dovecot", "", f"lmtp({rcpt})<810><{session}>: sieve: msgid=<{m.id}>: {verdict}")
    cedar.attempt(after(t, .01), qid, rcpt, "mx.cedar.example[private/dovecot-lmtp]", .15, "2.0.0", "sent",
                  f"250 2.0.0 <{rcpt}> {session} Saved", "lmtp")
    cedar.removed(after(t, .02), qid)
    if action is None:
        m.add("Received", f"from mx.cedar.example\r\n\tby mx.cedar.example with LMTP\r\n\tid {session}"
              f"\r\n\t(envelope-from <{m.sender}>)\r\n\tfor <{rcpt}>; {cedar.date(t)}")
        folder = "" if box == "INBOX" else f".{box}/"
        write(f"mail/cedar/cedar.example/{rcpt.split('@')[0]}/{folder}new/{int(t.timestamp())}.M{t.microsecond}P810.mx.cedar.example",
              m.text(("Return-Path", f"<{m.sender}>"), ("Delivered-To", rcpt)))


def maple_takes(m, rcpt, t, client=("mail.birch.example", "192.0.2.10"), dkim="birch.example"):
    xid = maple.new_id(t)
    if dkim:
        maple.log(t, f"{xid} H={client[0]} [{client[1]}] Warning: DKIM pass d={dkim} s=s2026")
    maple.log(t, f"{xid} <= {m.sender} H={client[0]} [{client[1]}] P=esmtps {EXIM_TLS} S={m.size}"
              + (f" DKIM={dkim}" if dkim else "") + f" id={m.id}")
    m.add("Received", f"from {client[0]} ([{client[1]}])\r\n\tby mx.maple.example with esmtps  (TLS1.3) tls TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
          f"\r\n\t(Exim 4.96)\r\n\t(envelope-from <{m.sender}>)\r\n\tid {xid}\r\n\tfor {rcpt};\r\n\t{maple.date(t)}")
    return xid


def maple_stores(m, xid, rcpt, t):
    user = rcpt.split("@")[0]
    maple.log(t, f"{xid} => {user} <{rcpt}> R=localuser T=maildir_home")
    maple.log(t, f"{xid} Completed")
    write(f"mail/maple/maple.example/{user}/new/{int(t.timestamp())}.H{t.microsecond}P52.mx.maple.example",
          m.text(("Return-path", f"<{m.sender}>"), ("Envelope-to", rcpt), ("Delivery-date", maple.date(t))))


from story_plot import tell  # noqa: E402  (it uses the verbs above)


def main():
    tell(sys.modules[__name__])
    write("logs/out/mail.log", out.text())
    write("logs/cedar/mail.log", cedar.text().replace("dovecot[]:", "dovecot:"))
    write("logs/maple/mainlog", maple.text())
    write("logs/maple/rejectlog", maple.text(rejects=True))
    shutil.rmtree(keys)
    for folder in ("logs", "mail", "reports", "seeds"):
        shutil.rmtree(f"{root}/{folder}", ignore_errors=True)
    for path, data in files.items():
        os.makedirs(os.path.dirname(f"{root}/{path}") or root, exist_ok=True)
        if path.endswith(".gz"):
            data = gzip.compress(data, 9, mtime=0)
        with open(f"{root}/{path}", "wb") as f:
            f.write(data)
    print(f"{len(files)} files, {sum(os.path.getsize(f'{root}/{p}') for p in files)} bytes")


if __name__ == "__main__":
    main()
