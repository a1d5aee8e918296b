#!/usr/bin/env python3
"""Writes samples/hostile/logs and samples/hostile/messages: input that wants to harm.

usage: make_hostile.py FOLDER

Each file carries one trap, named by the file; what is large is kept compressed.  No run may
crash on them, hang, or lose a neighbour's record: good lines stand beside the bad ones.
"""
import base64
import gzip
import os
import sys

root = sys.argv[1]
T = "Sep 14 08:12:{:02} mail "
serial = 0


def good(name):
    """Five lines of a message of its own, to neighbour-NAME@cedar.example."""
    global serial
    serial += 1
    q = f"649602B{0x1C1D + serial * 7:04X}"
    return [T.format(5) + f"postfix/smtpd[40]: {q}: client=desk.birch.example[192.0.2.104]\n",
            T.format(5) + f"postfix/cleanup[41]: {q}: message-id=<{name}@birch.example>\n",
            T.format(6) + f"postfix/qmgr[42]: {q}: from=<rosa@birch.example>, size=1229, nrcpt=1 (queue active)\n",
            T.format(7) + f"postfix/smtp[43]: {q}: to=<neighbour-{name}@cedar.example>, relay=mx.cedar.example[198.51.100.20]:25, delay=1.1, delays=0.2/0.01/0.6/0.3, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4hjyYJ04Q{serial:02}PHBX)\n",
            T.format(7) + f"postfix/qmgr[42]: {q}: removed\n"]


HEAD = "Received: from mail.birch.example (mail.birch.example [192.0.2.10])\n\tby mx.cedar.example (Postfix) with ESMTP id 4hjyYJ04QmzPHBX\n\tfor <anna@cedar.example>; Mon, 14 Sep 2026 10:12:04 +0200\n"
FROM = "From: Rosa <rosa@birch.example>\nTo: anna@cedar.example\nSubject: hostile\nDate: Mon, 14 Sep 2026 08:12:03 +0000\n"


def mid(name):
    return f"Message-ID: <{name}@hostile.example>\n"


def write(path, data, compress=False):
    data = data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape")
    if compress:
        path, data = path + ".gz", gzip.compress(data, 9, mtime=0)
    os.makedirs(os.path.dirname(f"{root}/{path}"), exist_ok=True)
    with open(f"{root}/{path}", "wb") as f:
        f.write(data)


def among(path, *bad, compress=False):
    """A log of good lines with bad ones between them."""
    lines = good(os.path.basename(path).split(".")[0])
    own = lines[4].split(": ")[1]
    write(path, "".join(lines[:3]) + "".join(bad).replace("649602B1C1C", own) + "".join(lines[3:]), compress)


def logs():
    p = T.format(6)
    among("logs/nul-and-controls.log", p + "postfix/smtpd[40]: connect from a\0b\x07\x1b[31m\x1b]0;title\x07[192.0.2.9]\n", "\0" * 300 + "\n")
    among("logs/not-utf8.log", p + "postfix/cleanup[41]: 7A9602B1C1E: message-id=<\udcff\udcfe\udce9@\udce9.example>\n",
                                     p + "postfix/smtp[43]: 7A9602B1C1E: to=<\udce9t\udce9@caf\udce9.example>, relay=none, delay=1, delays=1/0/0/0, dsn=5.1.1, status=bounced (inconnu \udce0 cette adresse)\n")
    among("logs/long-line.log", p + "postfix/smtp[43]: 649602B1C1C: to=<" + "a" * 4_000_000 + "@x.example>, relay=none, delay=1, delays=1/0/0/0, dsn=4.0.0, status=deferred (x)\n", compress=True)
    write("logs/no-line-ends.log", "".join(good("no-line-ends")).replace("\n", " ") * 20_000, True)
    among("logs/backtracking.log", 
        p + "postfix/smtp[43]: 649602B1C1C: to=<" + "<" * 3000 + ", relay=" + "[" * 3000 + "\n",
        p + "postfix/smtp[43]: 649602B1C1C: to=<a@b>, orig_to=<" * 400 + "\n",
        p + "postfix/smtpd[40]: NOQUEUE: reject: " + "RCPT from " * 500 + "; from=< to=< proto= helo=<" * 100 + "\n",
        p + "postfix/smtpd[40]: NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 550 " + "5.1.1 " * 3000 + "\n",
        p + "postfix/smtp[43]: 649602B1C1C: to=<a@b.example>, relay=x[1]:25, delay=1, delays=1/0/0/0, dsn=5.0.0, status=bounced (" + "(" * 5000 + "\n")
    among("logs/forged-lines.log", 
        p + "postfix/cleanup[41]: 7B0002B1C1F: message-id=<x>#012Sep 14 08:12:06 mail postfix/smtp[43]: 7B0002B1C1F: to=<ceo@birch.example>, relay=none, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (forged)\n",
        p + "postfix/smtpd[40]: NOQUEUE: reject: RCPT from evil[192.0.2.66]: 550 5.1.1 <]: 649602B1C1C: removed>: no; from=<> to=<]: 649602B1C1C: removed> proto=ESMTP helo=<postfix/qmgr[42]: 649602B1C1C: removed>\n",
        p + "postfix/smtpd[40]: 649602B1C1C: removed: client=[192.0.2.66]\n")
    among("logs/markup-and-sql.log", 
        p + "postfix/cleanup[41]: 7C0002B1C1F: message-id=<'); drop schema waybill cascade; --@<script>alert(1)</script>>\n",
        p + "postfix/qmgr[42]: 7C0002B1C1F: from=<\"><img src=x onerror=alert(1)>@x.example>, size=1, nrcpt=1 (queue active)\n",
        p + "postfix/smtp[43]: 7C0002B1C1F: to=<\\copy@x.example>, relay=none, delay=0, delays=0/0/0/0, dsn=5.0.0, status=bounced (\\N \\. %s%n ${jndi:x} </td><script>alert(2)</script>)\n")
    among("logs/impossible-times.log", 
        "Feb 30 08:12:06 mail postfix/qmgr[42]: 7D0002B1C1F: removed\n", "Sep 14 25:61:61 mail postfix/qmgr[42]: 7D0002B1C1F: removed\n",
        "0000-00-00T00:00:00.000000+00:00 mail postfix/qmgr[42]: 7D0002B1C1F: removed\n", "9999-12-31T23:59:60.999999-23:59 mail postfix/qmgr[42]: 7D0002B1C1F: removed\n",
        "2026-09-14T08:12:06.1234567890123456789+99:99 mail postfix/qmgr[42]: 7D0002B1C1F: removed\n", "Foo 14 08:12:06 mail postfix/qmgr[42]: 7D0002B1C1F: removed\n")
    among("logs/impossible-numbers.log", 
        p + "postfix/qmgr[42]: 7E0002B1C1F: from=<a@b.example>, size=99999999999999999999999, nrcpt=99999999999999999999 (queue active)\n",
        p + "postfix/smtp[99999999999999999999]: 7E0002B1C1F: to=<a@b.example>, relay=x[999.999.999.999]:99999999, delay=1e309, delays=nan/inf/-1/0x7, dsn=9.999.99999, status=sent (999 9.9.9 ok)\n",
        p + "postfix/smtp[-1]: 7E0002B1C1F: to=<a@b.example>, relay=x[::::]:0, delay=-5, delays=////, dsn=, status=\n")
    same = good("same-id-thrice")
    write("logs/same-id-thrice.log", "".join("".join(l.replace("=<same-id", f"=<{i}-same-id") for l in same) for i in range(3)))
    write("logs/half-lines.log", "".join(l[:n] + "\n" for l in good("half-lines") for n in (1, 15, 16, 20, 30, 36, 50, 60, len(l) // 2, len(l) - 2)))
    write("logs/no-last-line-end.log", "".join(good("no-last-line-end"))[:-1])
    write("logs/crlf-and-bom.log", "\ufeff" + "".join(good("crlf-and-bom")).replace("\n", "\r\n"))
    write("logs/only-line-ends.log", "\n" * 1000)
    write("logs/empty.log", "")
    many = good("many-recipients")
    write("logs/many-recipients.log", "".join(many[:3]) + "".join(many[3].replace("neighbour-", f"r{i}-") for i in range(8_000)) + many[4], True)
    write("logs/many-open-messages.log", "".join(T.format(i % 60) + f"postfix/cleanup[41]: {i:05X}2B1C1D: message-id=<open{i}@x.example>\n" for i in range(20_000)), True)
    write("logs/exim-traps.log", "".join((
        "2026-09-14 04:12:05 1wyVhR-00001M-2k <= rosa@birch.example H=mail.birch.example [192.0.2.10] P=esmtps S=1229 id=neighbour2@birch.example\n",
        "2026-09-14 04:12:05 1wyVhR-00001M-2k <= " + "<" * 4000 + "\n", "2026-09-14 04:12:05 1wyVhR-00001M-2k =>\n", "2026-09-14 04:12:05 zzzzzz-zzzzzz-zz **\n",
        "2026-09-14 04:12:05 1wyVhR-00001M-2k ** x@y.example R=a T=b" + " H=h [192.0.2.1]" * 2000 + ": SMTP error\n", "2026-09-14 04:12:05 1wyVhR-00001M-2k == a@b defer (-99999999999): x\n",
        "2026-09-14 04:12:06 1wyVhR-00001M-2k => dora <dora@maple.example> R=localuser T=maildir_home\n", "2026-09-14 04:12:06 1wyVhR-00001M-2k Completed\n")))

    def whole(name):
        return gzip.compress("".join(l for i in range(50) for l in good(f"{name}-{i}")).encode(), 9, mtime=0)

    cut = whole("cut-short")
    write("logs/cut-short.log.gz", cut[:len(cut) * 2 // 3])
    bad = whole("bad-checksum")
    write("logs/bad-checksum.log.gz", bad[:-8] + b"\0\0\0\0" + bad[-4:])
    write("logs/trailing-garbage.log.gz", whole("trailing-garbage") + b"this is not gzip\n")
    write("logs/gzip-in-gzip.log.gz", gzip.compress(whole("gzip-in-gzip"), 9, mtime=0))
    write("logs/zeros", b"\0" * 40_000_000, True)


def messages():
    m = HEAD + FROM
    write("messages/many-headers.eml", m + mid("many-headers") + "X-Filler: x\n" * 60_000 + "\nbody\n", True)
    write("messages/endless-header.eml", m + mid("endless-header") + "X-Long: " + "a" * 3_000_000 + "\n\nbody\n", True)
    write("messages/folded-forever.eml", m + mid("folded-forever") + "X-Fold: a\n" + " b\n" * 300_000 + "\nbody\n", True)
    write("messages/many-received.eml", HEAD * 2000 + FROM + mid("many-received") + "\nbody\n", True)
    write("messages/many-signatures.eml", "DKIM-Signature: v=1; a=rsa-sha256; d=birch.example; s=s2026; h=From; bh=AAAA; b=AAAA\n" * 3000 + m + mid("many-signatures") + "\nbody\n", True)
    write("messages/arc-bait.eml", "".join(f"ARC-Seal: i={i}; cv=pass; a=rsa-sha256; d=a.example; s=s; b=AA\nARC-Message-Signature: i={i}; a=rsa-sha256; d=a.example; s=s; h=from; bh=AA; b=AA\n"
                                           f"ARC-Authentication-Results: i={i}; a.example; spf=pass\n" for i in list(range(200)) + [2**31, -1]) + m + mid("arc-bait") + "\nbody\n", True)
    b64 = "QUJD" * 60
    write("messages/arc-50.eml", "".join(f"ARC-Seal: i={i}; cv={'none' if i == 1 else 'pass'}; a=rsa-sha256; d=a.example; s=s; b={b64}\nARC-Message-Signature: i={i}; a=rsa-sha256; d=a.example; s=s; h=from:subject; z=Subject:x|From:y; bh={b64[:44]}; b={b64}\n"
                                         f"ARC-Authentication-Results: i={i}; a.example; spf=pass\n" for i in range(1, 51)) + m + mid("arc-50") + "\n" + "body\n" * 200_000, True)
    write("messages/many-lengths.eml", "".join(f"DKIM-Signature: v=1; a=rsa-sha256; d=birch.example; s=s2026; l={i * 1000}; h=From; bh={b64[:44]}; b={b64}\n" for i in range(3000)) + m + mid("many-lengths") + "\n" + ">From \n..\n" * 200_000, True)
    nest = "".join(f"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n" for i in range(3000))
    write("messages/deep-parts.eml", m + mid("deep-parts") + "MIME-Version: 1.0\n" + nest + "\nbody\n", True)
    write("messages/deep-messages.eml", m + mid("deep-messages") + "MIME-Version: 1.0\n" + "Content-Type: message/rfc822\n\n" * 3000 + "body\n", True)
    write("messages/many-parts.eml", m + mid("many-parts") + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n" * 100_000 + "--b--\n", True)
    write("messages/open-boundary.eml", m + mid("open-boundary") + 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="a\n\n--a\n\nx\n--ab\n\ny\n--a')
    write("messages/comment-pit.eml", HEAD + "From: " + "(" * 20_000 + "rosa@birch.example\nTo: " + '"\\' * 5000 + "\n" + mid("comment-pit") + "\nbody\n", True)
    write("messages/two-froms.eml", HEAD + "From: Rosa <rosa@birch.example>\nFrom: Eve <eve@stranger.example>\nFrom: a@x.example, b@y.example\n" + mid("two-froms") + "\nbody\n")
    write("messages/no-from.eml", HEAD + "Subject: who am I\n" + mid("no-from") + "\nbody\n")
    write("messages/many-addresses.eml", HEAD + "From: " + "a@b.example, " * 50_000 + "\n" + mid("many-addresses") + "\nbody\n", True)
    write("messages/encoded-words.eml", m.replace("Subject: hostile", "Subject: =?utf-8?B?////?= =?x-none?Q?=ZZ=0?= =?utf-8?Q?=00=1B[31m?= =?utf-8?B?" + "A" * 4001 + "?= =?==?=") + mid("encoded-words") + "\nbody\n")
    write("messages/parameters.eml", m + mid("parameters") + "MIME-Version: 1.0\nContent-Type: text/plain; " + "".join(f"name*{i}*=%F;" for i in range(5000)) + "\n\nbody\n", True)
    write("messages/controls.eml", (HEAD + "From: Rosa\0\x1b[2J <rosa@birch.example>\nSubject: a\rb\x08c\n" + mid("controls") + "Bad Header Without Colon\n: empty name\n\nbody\0\n"))
    write("messages/latin-1.eml", HEAD + "From: Ren\udce9 <ren\udce9@caf\udce9.example>\nSubject: \udcff\udcfe\n" + mid("latin-1") + "\nbody \udce9\n")
    write("messages/markup.eml", HEAD + "From: \"<script>alert(1)</script>\" <rosa@birch.example>\nSubject: </title><img src=x onerror=alert(2)>\nMessage-ID: <'\"><svg onload=alert(3)>@x.example>\n\nbody\n")
    write("messages/odd-message-ids.eml", m + "Message-ID: <>\nMessage-ID: " + "<" * 2000 + "\nMessage-ID: no brackets here\n\nbody\n")
    write("messages/dates.eml", "Received: from a by b; Xyz, 99 Foo 99999 99:99:99 +9999\nReceived: from a by b; Mon, 14 Sep 2026 08:12:03 -0000 (((((\n" + FROM.replace("14 Sep 2026", "31 Feb 0000") + mid("dates") + "\nbody\n")
    write("messages/body-length.eml", "DKIM-Signature: v=1; a=rsa-sha256; d=birch.example; s=s2026; h=From; l=99999999999999999999; t=-1; x=99999999999999999999; bh=;\n b=" + "=" * 2000 + "\n" + m + mid("body-length") + "\nbody\n")
    write("messages/base64.eml", m + mid("base64") + "MIME-Version: 1.0\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n" + "=" * 3000 + "\n" + "!" * 3000 + "\nQQ\n")
    write("messages/status-report.eml", m + mid("status-report") + 'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n'
          + "Reporting-MTA: dns;\n\n" + "Final-Recipient: rfc822;\nAction: exploded\nStatus: 99.99.99\nDiagnostic-Code: smtp;\n\n" * 3000 + "--b--\n", True)
    write("messages/many-recipients.eml", "Return-Path: <>\n" + m.replace(FROM, "From: MAILER-DAEMON@birch.example\nSubject: failure notice\n") + "To: " + ", ".join(f"{'a' * 150}{i}@b.example" for i in range(4900)) + "\n" + mid("many-recipients")
          + "\nHi. This is the qmail-send program.\n\n" + "".join(f"<r{i}@c.example>:\n" for i in range(15_000)), True)
    write("messages/headers-only.eml", m + mid("headers-only"))
    write("messages/from-lines.mbox", "From \n" * 200 + "From a@b.example Mon Sep 14 08:12:03 2026\n" + m + mid("mbox-one") + "\nbody\nFrom here on it is text\n\nFrom c@d.example Mon Sep 14 08:12:04 2026\n" + m + mid("mbox-two") + "\n>From quoted\n")



def der(tag, value):
    n = len(value)
    length = bytes([n]) if n < 128 else bytes([0x80 + (n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag]) + length + value


def limits():
    """What is beyond the limits of authentication, each once; tests/conformance/test_limits says what is refused."""
    def signed(name, selector="s2026", h="From:Subject", more=""):
        return (f"DKIM-Signature: v=1; a=rsa-sha256; d=birch.example; s={selector};{more} h={h};\n bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\n"
                + HEAD + FROM + mid(name) + "\nbody\n")
    def txt(name, text):
        return f"{name} TXT " + " ".join(f'"{text[i:i + 250]}"' for i in range(0, len(text), 250)) + "\n"
    write("limits/many-signed-fields.eml", signed("many-signed-fields", h=":".join(["From"] + ["X"] * 500)))
    write("limits/long-signature.eml", signed("long-signature", more=" z=" + "a" * 70_000 + ";"), True)
    write("limits/many-tags.eml", signed("many-tags", more="".join(f" t{i}=1;" for i in range(70))))
    write("limits/many-signatures.eml", "".join(signed("x").split("Received")[0] for i in range(21)) + HEAD + FROM + mid("many-signatures") + "\nbody\n")
    write("limits/giant-key.eml", signed("giant-key", "giant"))
    write("limits/small-key.eml", signed("small-key", "small"))
    write("limits/long-key-record.eml", signed("long-key-record", "long"))
    write("limits/arc-51.eml", "ARC-Seal: i=51; cv=pass; a=rsa-sha256; d=a.example; s=s; b=AA\n" + HEAD + FROM + mid("arc-51") + "\nbody\n")
    write("limits/arc-many-fields.eml", "ARC-Seal: i=1; cv=none; a=rsa-sha256; d=a.example; s=s; b=AA\n" * 1001 + HEAD + FROM + mid("arc-many-fields") + "\nbody\n", True)
    write("limits/many-results.eml", "Authentication-Results: mx.cedar.example;" + " spf=pass;" * 201 + "\n" + HEAD + FROM + mid("many-results") + "\nbody\n")
    write("limits/many-headers.eml", "X-Filler: x\n" * 2001 + HEAD + FROM + mid("many-headers") + "\nbody\n", True)
    write("limits/many-received.eml", HEAD * 201 + FROM + mid("many-received") + "\nbody\n", True)
    def modulus(octets):
        key = der(0x30, der(2, b"\0" + b"\xc1" * octets) + der(2, b"\1\0\1"))
        return "v=DKIM1; p=" + base64.b64encode(key).decode()
    zone = ";@ default nxdomain\n" + txt("giant._domainkey.birch.example.", modulus(2049)) + txt("small._domainkey.birch.example.", modulus(47))
    zone += txt("long._domainkey.birch.example.", "v=DKIM1; n=" + "a" * 16_400 + "; p=AAAA")
    zone += txt("lookups.example.", "v=spf1" + "".join(f" a:h{i}.example" for i in range(11)) + " -all") + "".join(f"h{i}.example. A 192.0.2.{i}\n" for i in range(11))
    zone += txt("exchanges.example.", "v=spf1 mx -all") + "".join(f"exchanges.example. MX {i} h{i}.example.\n" for i in range(11))
    zone += txt("voids.example.", "v=spf1 a:v1.example a:v2.example a:v3.example -all") + txt("includes.example.", "v=spf1 include:includes.example -all")
    zone += txt("terms.example.", "v=spf1" + " ip4:192.0.2.1" * 1001 + " -all") + txt("record.example.", "v=spf1 x=" + "a" * 66_000 + " -all")
    zone += txt("talk.example.", "v=spf1 -all exp=e.talk.example") + txt("e.talk.example.", "no " * 400)
    zone += txt("macro.example.", "v=spf1 exists:" + "%{d99999999999999999999r}." * 300 + "macro.example -all")
    zone += "".join(f"c{i}.example. CNAME c{i + 1}.example.\n" for i in range(17)) + txt("c17.example.", "v=spf1 +all")
    zone += txt("names.example.", "v=spf1 ptr -all") + "".join(f"9.2.0.192.in-addr.arpa. PTR p{i}.names.example.\np{i}.names.example. A 192.0.2.{9 if i > 9 else 1}\n" for i in range(12))
    zone += "".join(f'_dmarc.{".".join("abcdefghijkl"[i:])}.deep.example. TXT "v=DMARC1; p=reject"\n' for i in range(1, 5))
    write("limits/dns.zone", zone, True)


logs()
messages()
limits()
