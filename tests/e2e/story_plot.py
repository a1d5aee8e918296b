"""What happens in samples/story, day by day (September 2026, UTC)."""
from story_hosts import after, at

BIGMAIL = "mx.bigmail.example[203.0.113.80]"


def tell(w):
    """w: the module make_story, with its hosts and verbs."""
    quiet_loss(w)
    slow_host(w)
    ordinary_mail(w)
    newsletter(w)
    refusals_of_next_hops(w)
    inside_the_library(w)
    inside_the_school(w)
    strangers(w)
    still_on_the_way(w)
    reports(w)
    zone(w)


def to_cedar(w, m, qid, rcpt, t, **how):
    """The last step of `out` towards the library, told by both."""
    first = w.cedar_takes(m, rcpt, after(t, .1), **how)
    w.out_sends(qid, rcpt, w.cedar.peer(), after(t, .3), m.t, f"250 2.0.0 Ok: queued as {first}")
    w.out.removed(after(t, .31), qid)
    return first


def to_inbox(w, m, rcpt, t, score=-1.2, box="INBOX"):
    qid = w.submit(m, [rcpt], t)
    first = to_cedar(w, m, qid, rcpt, after(t, .5))
    second = w.cedar_filters(m, first, rcpt, after(t, 1), score)
    w.cedar_files(m, second, rcpt, after(t, 1.3), box)


def quiet_loss(w):
    """7: the library's server takes a message, crashes, and never speaks of it again."""
    m = w.Message(1, "rosa@birch.example", "carl@cedar.example", "Invoice 1187", "The invoice for the cargo bike is attached, dear Carl.", at("7 09:15:00"), "Rosa Birch")
    to_cedar(w, m, w.submit(m, ["carl@cedar.example"], m.t), "carl@cedar.example", after(m.t, .6))


def slow_host(w):
    """8 to 13: a host that never answers."""
    out = w.out
    m = w.Message(2, "rosa@birch.example", "pat@slow.example", "Saturday's ride", "Will you join us on Saturday?", at("8 10:00:00.25"), "Rosa Birch")
    qid = w.submit(m, ["pat@slow.example"], m.t)
    reply = "connect to mx.slow.example[198.51.100.77]:25: Connection timed out"
    for i, hours in enumerate((0, .1, .3, 1, 3, 9, 24, 48, 72, 96, 119.8)):
        t = after(m.t, hours * 3600 + 30)
        if i:
            out.active(after(t, -30), qid, m.sender, m.size, 1)
        out.log(t, "postfix/smtp", 340, reply)
        w.out_sends(qid, "pat@slow.example", "none", t, m.t, reply, "4.4.1", "deferred")
    t = after(m.t, 120 * 3600 + 40)
    out.log(t, "postfix/qmgr", 302, f"{qid}: from=<{m.sender}>, status=expired, returned to sender")
    w.out_bounces(qid, m, after(t, .1))


def ordinary_mail(w):
    rosa, tom = ("rosa@birch.example", "Rosa Birch"), ("tom@birch.example", "Tom Ash")
    m = w.Message(10, rosa[0], "anna@cedar.example", "Repair stand for the library", "Dear Anna,\n\nthe repair stand is ready. Shall we bring it on Thursday?\n\nRosa", at("14 08:12:03.412"), rosa[1])
    to_inbox(w, m, "anna@cedar.example", m.t)

    # the library answers; the shop's server stores it, and nobody handed us the mailbox
    cedar, out = w.cedar, w.out
    a = w.Message(11, "anna@cedar.example", "rosa@birch.example", "Re: Repair stand for the library", "Thursday is fine.\n\nAnna", at("14 08:40:20.1"), "Anna Reed")
    qid = cedar.new_id(a.t)
    cedar.log(a.t, "postfix/submission/smtpd", 455, f"{qid}: client=reading-room.cedar.example[198.51.100.44], sasl_method=PLAIN, sasl_username=anna")
    cedar.queued(after(a.t, .1), qid, a.id, a.sender, a.size, 1)
    t = after(a.t, 1)
    next_id = out.new_id(t)
    pid = out.connect(after(t, -.2), cedar.peer())
    out.log(t, "postfix/smtpd", pid, f"{next_id}: client={cedar.peer()}")
    out.queued(after(t, .05), next_id, a.id, a.sender, a.size + 400, 1)
    out.disconnect(after(t, .2), cedar.peer(), pid, w.MX_HI)
    cedar.tls_out(after(t, -.1), out.peer(), 333)
    cedar.attempt(after(t, .1), qid, "rosa@birch.example", f"{out.peer()}:25", 1.1, "2.0.0", "sent", f"250 2.0.0 Ok: queued as {next_id}", pid=333)
    cedar.removed(after(t, .2), qid)
    out.store_locally(after(t, .3), next_id, "rosa@birch.example")

    # to the school; the caretaker's address goes on to the library, where SPF no longer fits
    m = w.Message(12, tom[0], "dora@maple.example", "Helmets for the class", "Dear Dora,\n\n24 helmets, as you asked.\n\nTom", at("14 09:30:00.9"), tom[1])
    qid = w.submit(m, ["dora@maple.example"], m.t)
    t = after(m.t, 1)
    xid = w.maple_takes(m, "dora@maple.example", t)
    w.out_sends(qid, "dora@maple.example", w.maple.peer(), after(t, .2), m.t, f"250 OK id={xid}")
    out.removed(after(t, .21), qid)
    w.maple_stores(m, xid, "dora@maple.example", after(t, .3))

    m = w.Message(13, tom[0], "friends@maple.example", "Open day", "Our open day is on the 26th.", at("14 10:05:00.3"), tom[1])
    qid = w.submit(m, ["friends@maple.example"], m.t)
    t = after(m.t, 1)
    xid = w.maple_takes(m, "friends@maple.example", t)
    w.out_sends(qid, "friends@maple.example", w.maple.peer(), after(t, .2), m.t, f"250 OK id={xid}")
    out.removed(after(t, .21), qid)
    first = w.cedar_takes(m, "anna@cedar.example", after(t, .8), client=("mx.maple.example", "203.0.113.30"), spf="Fail")
    w.maple.log(after(t, 1.2), f"{xid} => anna@cedar.example <friends@maple.example> R=dnslookup T=remote_smtp H=mx.cedar.example [198.51.100.20] "
                f"X=TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256 CV=yes DN=\"CN=mx.cedar.example\" C=\"250 2.0.0 Ok: queued as {first}\"")
    w.maple.log(after(t, 1.3), f"{xid} Completed")
    second = w.cedar_filters(m, first, "anna@cedar.example", after(t, 2), -.4, "203.0.113.30")
    w.cedar_files(m, second, "anna@cedar.example", after(t, 2.3))

    # greylisted at first sight
    m = w.Message(14, tom[0], "ben@cedar.example", "Spokes", "The spokes have come.", at("14 11:20:00.5"), tom[1])
    qid = w.submit(m, ["ben@cedar.example"], m.t)
    grey = "Recipient address rejected: Greylisted, please come back in 300 seconds"
    t = after(m.t, .8)
    pid = cedar.connect(t, out.peer())
    cedar.log(after(t, .09), "postgrey", 77, f"action=greylist, reason=new, client_name=mail.birch.example, client_address=192.0.2.10, sender={tom[0]}, recipient=ben@cedar.example")
    cedar.log(after(t, .1), "postfix/smtpd", pid, f"NOQUEUE: reject: RCPT from {out.peer()}: 450 4.2.0 <ben@cedar.example>: {grey}; "
              f"from=<{tom[0]}> to=<ben@cedar.example> proto=ESMTP helo=<mail.birch.example>")
    cedar.disconnect(after(t, .2), out.peer(), pid, w.NO_HI)
    w.out_sends(qid, "ben@cedar.example", cedar.peer(), after(t, .3), m.t,
                f"host {cedar.peer()} said: 450 4.2.0 <ben@cedar.example>: {grey} (in reply to RCPT TO command)", "4.2.0", "deferred")
    t = after(t, 420)
    out.active(t, qid, m.sender, m.size, 1)
    first = to_cedar(w, m, qid, "ben@cedar.example", after(t, .2))
    second = w.cedar_filters(m, first, "ben@cedar.example", after(t, 1), -1.9)
    w.cedar_files(m, second, "ben@cedar.example", after(t, 1.3))


def newsletter(w):
    """15: one message, many fates."""
    out, t0 = w.out, at("15 07:00:00.125")
    m = w.Message(20, "news@birch.example", "readers@birch.example", "Autumn sale: everything must roll", "Up to 40 % off city bikes, this week only!\n\nUnsubscribe: https://birch.example/u/1187", t0,
                  "Birch Bicycles", extra=[("List-Unsubscribe", "<https://birch.example/u/1187>")])
    said = {  # recipient: relay, dsn, status, reply
        "kim@closed.example": ("mx.closed.example[198.51.100.71]", "5.2.1", "bounced", "550 5.2.1 The email account that you tried to reach is disabled (in reply to RCPT TO command)"),
        "lou@moved.example": ("mx.moved.example[198.51.100.72]", "5.1.6", "bounced", "551 5.1.6 User has moved; please try <lou@elsewhere.example> (in reply to RCPT TO command)"),
        "max@guard.example": ("mx.guard.example[198.51.100.73]", "5.7.1", "bounced", "554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.10 (in reply to RCPT TO command)"),
        "mia@repute.example": ("mx.repute.example[198.51.100.74]", "5.7.1", "bounced", "550 5.7.1 Mail from 192.0.2.10 refused: the sending IP has a poor reputation (in reply to end of DATA command)"),
        "ned@strict.example": ("mx.strict.example[198.51.100.75]", "5.7.1", "bounced", "554 5.7.1 Message rejected as spam by content filter (in reply to end of DATA command)"),
        "oli@rules.example": ("mx.rules.example[198.51.100.76]", "5.7.1", "bounced", "550 5.7.1 Message rejected due to local policy (in reply to MAIL FROM command)"),
        "pia@full.example": ("mx.full.example[198.51.100.78]", "4.2.2", "deferred", "452 4.2.2 The email account that you tried to reach is over quota (in reply to RCPT TO command)"),
        "quin@busy.example": ("mx.busy.example[198.51.100.79]", "4.7.28", "deferred", "421 4.7.28 Unusual rate of mail originating from your IP address; try again later (in reply to end of DATA command)"),
        "ray@crowd.example": ("mx.crowd.example[198.51.100.81]", "4.7.0", "deferred", "421 4.7.0 Too many concurrent connections from your host (in reply to MAIL FROM command)"),
        "tim@shaky.example": ("mx.shaky.example[198.51.100.83]", "4.3.0", "deferred", "451 4.3.0 Error: queue file write error (in reply to end of DATA command)"),
        "sid@disk.example": ("mx.disk.example[198.51.100.82]", "4.3.1", "deferred", "452 4.3.1 Insufficient system storage (in reply to MAIL FROM command)"),
    }
    seeds = {"seed1@bigmail.example": "Inbox,Category promotions,Unread", "seed2@bigmail.example": "Spam,Unread"}
    readers = ["anna@cedar.example", "emil@maple.example", *seeds, *said]
    qid = w.submit(m, readers, t0)
    sent = m.copy()

    copy = sent.copy()
    first = w.cedar_takes(copy, "anna@cedar.example", after(t0, .9))
    w.out_sends(qid, "anna@cedar.example", w.cedar.peer(), after(t0, 1.2), t0, f"250 2.0.0 Ok: queued as {first}")
    second = w.cedar_filters(copy, first, "anna@cedar.example", after(t0, 2), 7.3)
    w.cedar_files(copy, second, "anna@cedar.example", after(t0, 2.3), "Junk")

    copy = sent.copy()
    xid = w.maple_takes(copy, "emil@maple.example", after(t0, 1.1))
    w.out_sends(qid, "emil@maple.example", w.maple.peer(), after(t0, 1.3), t0, f"250 OK id={xid}")
    w.maple_stores(copy, xid, "emil@maple.example", after(t0, 1.5))

    mbox = ""
    for i, (seed, labels) in enumerate(seeds.items()):
        copy, t = sent.copy(), after(t0, 2 + i)
        w.out_sends(qid, seed, BIGMAIL, t, t0, f"250 2.0.0 OK 17579{i}4022 k8-20020a05bigmail")
        copy.add("Received", f"from mail.birch.example (mail.birch.example [192.0.2.10])\r\n\tby mx.bigmail.example with ESMTPS id k8{i}2a05\r\n\tfor <{seed}>;"
                 f"\r\n\t{t.strftime('%a, %d %b %Y %H:%M:%S')} -0700 (PDT)".replace(t.strftime("%H:"), f"{t.hour - 7:02}:"))
        copy.add("Authentication-Results", "mx.bigmail.example;\r\n\tdkim=pass header.i=@birch.example header.s=s2026;\r\n\t"
                 "spf=pass (bigmail.example: domain of news@birch.example designates 192.0.2.10 as permitted sender) smtp.mailfrom=news@birch.example;"
                 "\r\n\tdmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=birch.example")
        mbox += (f"From 18{i}22@xxx {t.strftime('%a %b %d %H:%M:%S +0000 %Y')}\n"
                 + copy.text(("Return-Path", "<news@birch.example>"), ("X-GM-THRID", f"18{i}22"), ("X-Gmail-Labels", labels), ("Delivered-To", seed)) + "\n")
    w.write("seeds/bigmail.mbox", mbox)

    for i, (rcpt, (relay, dsn, status, reply)) in enumerate(said.items()):
        w.out_sends(qid, rcpt, relay, after(t0, 3 + i / 4), t0, f"host {relay} said: {reply}", dsn, status)
    nid, _ = out.bounce(after(t0, 8), qid, m.sender, m.size)
    out.store_locally(after(t0, 8.2), nid, m.sender)
    # the five that said "later" are tried again: quin's host relents, the others wait to the end
    for hours in (1, 6, 24, 72, 82):
        t = after(t0, hours * 3600)
        waiting = [r for r, x in said.items() if x[2] == "deferred" and (r != "quin@busy.example" or hours <= 6)]
        out.active(t, qid, m.sender, m.size, len(readers))
        for i, rcpt in enumerate(waiting):
            relay, dsn, status, reply = said[rcpt]
            if rcpt == "quin@busy.example" and hours == 6:
                w.out_sends(qid, rcpt, relay, after(t, 1), t0, "250 2.0.0 Ok: queued as 4fT2c91Kz")
            else:
                w.out_sends(qid, rcpt, relay, after(t, 1 + i), t0, f"host {relay} said: {reply}", dsn, status)


def refusals_of_next_hops(w):
    """16: what the next hop, or none, says to single messages."""
    cases = [
        ("lee@gone.example", "none", "5.4.4", "Host or domain name not found. Name service error for name=gone.example type=AAAA: Host not found"),
        ("joy@nomail.example", "none", "5.1.0", "Domain nomail.example does not accept mail (nullMX)"),
        ("hal@round.example", "none", "5.4.6", "mail for round.example loops back to myself"),
        ("gus@small.example", "mx.small.example[198.51.100.84]", "5.3.4", "host mx.small.example[198.51.100.84] said: 552 5.3.4 Message size exceeds fixed limit (in reply to MAIL FROM command)"),
        ("flo@form.example", "mx.form.example[198.51.100.85]", "5.6.0", "host mx.form.example[198.51.100.85] said: 550 5.6.0 Message is not RFC 5322 compliant: bare LF (in reply to end of DATA command)"),
        ("eva@files.example", "mx.files.example[198.51.100.86]", "5.7.0", "host mx.files.example[198.51.100.86] said: 552 5.7.0 This message was blocked because its attachment type is not allowed (in reply to end of DATA command)"),
        ("nobody@cedar.example", w.cedar.peer(), "5.1.1", f"host {w.cedar.peer()} said: 550 5.1.1 <nobody@cedar.example>: Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command)"),
    ]
    for i, (rcpt, relay, dsn, reply) in enumerate(cases):
        m = w.Message(30 + i, "tom@birch.example", rcpt, f"Your order {1200 + i}", "Your bicycle is ready.", after(at("16 08:00:00.06"), 600 * i), "Tom Ash")
        qid = w.submit(m, [rcpt], m.t, big=dsn == "5.3.4")
        t = after(m.t, 1)
        if rcpt.endswith("@cedar.example"):
            pid = w.cedar.connect(t, w.out.peer())
            w.cedar.log(after(t, .1), "postfix/smtpd", pid, f"NOQUEUE: reject: RCPT from {w.out.peer()}: 550 5.1.1 <{rcpt}>: Recipient address rejected: "
                        f"User unknown in virtual mailbox table; from=<{m.sender}> to=<{rcpt}> proto=ESMTP helo=<mail.birch.example>")
            w.cedar.disconnect(after(t, .2), w.out.peer(), pid, w.NO_HI)
        w.out_sends(qid, rcpt, relay, after(t, .3), m.t, reply, dsn, "bounced")
        nid = w.out_bounces(qid, m, after(t, .4))
        if rcpt.endswith("@cedar.example"):
            keep_notification(w, m, qid, nid, rcpt, after(t, .4))
    cases = [
        ("sam@plain.example", "mx.plain.example[198.51.100.87]", "4.7.4", "TLS is required, but was not offered by host mx.plain.example[198.51.100.87]"),
        ("una@deny.example", "none", "4.4.1", "connect to mx.deny.example[198.51.100.88]:25: Connection refused"),
        ("vic@far.example", "none", "4.4.1", "connect to mx.far.example[198.51.100.89]:25: Network is unreachable"),
        ("wim@fail.example", "none", "4.4.3", "Host or domain name not found. Name service error for name=fail.example type=MX: Host not found, try again"),
        ("xia@drop.example", "mx.drop.example[198.51.100.90]", "4.4.2", "lost connection with mx.drop.example[198.51.100.90] while sending message body"),
        ("yul@cert.example", "mx.cert.example[198.51.100.91]", "4.7.5", "Server certificate not verified"),
    ]
    for i, (rcpt, relay, dsn, reply) in enumerate(cases):
        m = w.Message(40 + i, "tom@birch.example", rcpt, f"Your order {1220 + i}", "Your bicycle is ready.", after(at("18 13:00:00.06"), 300 * i), "Tom Ash")
        qid = w.submit(m, [rcpt], m.t)
        for k, wait in enumerate((2, 420, 1500)):
            if k:
                w.out.active(after(m.t, wait - 1), qid, m.sender, m.size, 1)
            w.out_sends(qid, rcpt, relay, after(m.t, wait), m.t, reply, dsn, "deferred", tls=dsn == "4.4.2")


    # sent by mistake; the operator takes it out of the queue before anybody answers
    m = w.Message(46, "tom@birch.example", "zoe@deny.example", "Your order 1226", "This was for somebody else.", at("18 14:00:00.06"), "Tom Ash")
    qid = w.submit(m, ["zoe@deny.example"], m.t)
    w.out_sends(qid, "zoe@deny.example", "none", after(m.t, 2), m.t, "connect to mx.deny.example[198.51.100.88]:25: Connection refused", "4.4.1", "deferred")
    w.out.log(after(m.t, 95), "postfix/postsuper", 977, f"{qid}: removed")
    w.out.log(after(m.t, 95.1), "postfix/postsuper", 977, "Deleted: 1 message")


def keep_notification(w, m, qid, nid, rcpt, t):
    w.write(f"mail/out/birch.example/tom/new/{int(t.timestamp())}.V37I{nid}.mail.birch.example", f"""Return-Path: <>
Delivered-To: tom@birch.example
Received: by mail.birch.example (Postfix)
\tid {nid}; {w.out.date(t)} (UTC)
Date: {w.out.date(t)} (UTC)
From: Mail Delivery System <MAILER-DAEMON@mail.birch.example>
To: tom@birch.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="{qid}.1/mail.birch.example"
Message-Id: <{t.strftime('%Y%m%d%H%M%S')}.{nid}@mail.birch.example>

--{qid}.1/mail.birch.example
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered to {rcpt}.

--{qid}.1/mail.birch.example
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.birch.example
X-Postfix-Queue-ID: {qid}
X-Postfix-Sender: rfc822; {m.sender}
Arrival-Date: {w.out.date(m.t)} (UTC)

Final-Recipient: rfc822; {rcpt}
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.cedar.example
Diagnostic-Code: smtp; 550 5.1.1 <{rcpt}>: Recipient address rejected:
    User unknown in virtual mailbox table

--{qid}.1/mail.birch.example
Content-Type: text/rfc822-headers

{m.text().split(chr(10) + chr(10))[0]}

--{qid}.1/mail.birch.example--
""")


def inside_the_library(w):
    """17: taken by the library's server, and then?"""
    cedar, t = w.cedar, at("17 08:00:00.2")

    def hand_over(number, rcpt, subject, body, t):
        m = w.Message(number, "rosa@birch.example", rcpt, subject, body, t, "Rosa Birch")
        return m, to_cedar(w, m, w.submit(m, [rcpt], t), rcpt, after(t, .5))

    m, first = hand_over(50, "ben@cedar.example", "Cheap cheap cheap", "Buy now, pay never!", t)
    cedar.log(after(t, 2), "amavis", 190, f"(00190-07) Blocked SPAM {{DiscardedInbound,Quarantined}}, [192.0.2.10]:50122 <{m.sender}> -> <ben@cedar.example>, "
              f"quarantine: O/spam-OxXlK00tmCuA.gz, Queue-ID: {first}, Message-ID: <{m.id}>, mail_id: OxXlK00tmCuA, Hits: 22.4, size: {m.size}, 176 ms")
    cedar.attempt(after(t, 2.1), first, "ben@cedar.example", "127.0.0.1[127.0.0.1]:10024", 1.4, "2.7.0", "sent", "250 2.7.0 Ok, discarded, id=00190-07 - spam")
    cedar.removed(after(t, 2.2), first)

    m, first = hand_over(54, "carl@cedar.example", "Price list", "Please open price-list.exe", after(t, 300))
    cedar.log(after(t, 302), "amavis", 190, f"(00190-08) Blocked INFECTED (Win.Test.EICAR_HDB-1) {{DiscardedInbound,Quarantined}}, [192.0.2.10]:50123 <{m.sender}> -> <carl@cedar.example>, "
              f"quarantine: v/virus-vQ7hT1yJk2Lm, Queue-ID: {first}, Message-ID: <{m.id}>, mail_id: vQ7hT1yJk2Lm, Hits: -, size: {m.size}, 204 ms")
    cedar.attempt(after(t, 302.1), first, "carl@cedar.example", "127.0.0.1[127.0.0.1]:10024", 1.5, "2.7.0", "sent", "250 2.7.0 Ok, discarded, id=00190-08 - INFECTED: Win.Test.EICAR_HDB-1")
    cedar.removed(after(t, 302.2), first)

    m, first = hand_over(51, "dustbin@cedar.example", "For the dustbin", "Nobody reads this address.", after(t, 600))
    second = w.cedar_filters(m, first, "dustbin@cedar.example", after(t, 602), -.1)
    w.cedar_files(m, second, "dustbin@cedar.example", after(t, 602.3), action="discard action: Marked message to be discarded if not explicitly delivered (implicit keep)")

    m, first = hand_over(52, "carl@cedar.example", "Photos of the bike", "As promised.", after(t, 1200))
    second = w.cedar_filters(m, first, "carl@cedar.example", after(t, 1202), -.8)
    cedar.attempt(after(t, 1202.4), second, "carl@cedar.example", "mx.cedar.example[private/dovecot-lmtp]", .4, "5.2.2", "bounced",
                  "host mx.cedar.example[private/dovecot-lmtp] said: 552 5.2.2 <carl@cedar.example> Quota exceeded (mailbox for user is full) (in reply to end of DATA command)")
    nid, bounce_id = cedar.bounce(after(t, 1202.5), second, m.sender, m.size)
    cedar.removed(after(t, 1202.6), second)
    t2 = after(t, 1203)
    next_id = w.out.new_id(t2)
    pid = w.out.connect(after(t2, -.2), cedar.peer())
    w.out.log(t2, "postfix/smtpd", pid, f"{next_id}: client={cedar.peer()}")
    w.out.queued(after(t2, .05), next_id, bounce_id, "", m.size + 2500, 1)
    w.out.disconnect(after(t2, .1), cedar.peer(), pid, w.MX_HI)
    cedar.tls_out(after(t2, -.1), w.out.peer(), 334)
    cedar.attempt(after(t2, .1), nid, m.sender, f"{w.out.peer()}:25", .6, "2.0.0", "sent", f"250 2.0.0 Ok: queued as {next_id}", pid=334)
    cedar.removed(after(t2, .11), nid)
    w.out.store_locally(after(t2, .2), next_id, m.sender)

    # a header check holds it for the librarian to look at
    m = w.Message(53, "rosa@birch.example", "anna@cedar.example", "Macro sheet", "See the sheet.", after(t, 1800), "Rosa Birch")
    qid, t3 = w.submit(m, ["anna@cedar.example"], m.t), after(t, 1801)
    first = cedar.new_id(t3)
    pid = cedar.connect(after(t3, -.1), w.out.peer())
    cedar.log(t3, "postfix/smtpd", pid, f"{first}: client={w.out.peer()}")
    cedar.log(after(t3, .02), "postfix/cleanup", 312, f"{first}: message-id=<{m.id}>")
    cedar.log(after(t3, .03), "postfix/cleanup", 312, f"{first}: hold: header Subject: Macro sheet from {w.out.peer()}; from=<{m.sender}> to=<anna@cedar.example> "
              "proto=ESMTP helo=<mail.birch.example>: a person has to look at this")
    cedar.disconnect(after(t3, .2), w.out.peer(), pid, w.MX_HI)
    w.out_sends(qid, "anna@cedar.example", cedar.peer(), after(t3, .2), m.t, f"250 2.0.0 Ok: queued as {first}")
    w.out.removed(after(t3, .21), qid)


def inside_the_school(w):
    """17: taken by the school's server, and then?"""
    maple, t = w.maple, at("17 12:00:00.75")

    def hand_over(number, rcpt, subject, t):
        m = w.Message(number, "tom@birch.example", rcpt, subject, "See you soon.\n\nTom", t, "Tom Ash")
        qid = w.submit(m, [rcpt], t)
        xid = w.maple_takes(m, rcpt, after(t, 1))
        w.out_sends(qid, rcpt, maple.peer(), after(t, 1.2), t, f"250 OK id={xid}")
        w.out.removed(after(t, 1.21), qid)
        return xid

    xid = hand_over(60, "void@maple.example", "To the void", t)
    maple.log(after(t, 1.3), f"{xid} => :blackhole: <void@maple.example> R=system_aliases")
    maple.log(after(t, 1.4), f"{xid} Completed")

    xid = hand_over(61, "full@maple.example", "Last reminder", after(t, 300))
    for hours in (0, 1, 3, 9, 20, 29):
        maple.log(after(t, 302 + hours * 3600), f"{xid} == full@maple.example R=localuser T=maildir_home defer (-22): mailbox is full")

    m = w.Message(62, "news@birch.example", "gil@maple.example", "W I N a bike", "You have won!!! Click here.", after(t, 600), "Birch Bicycles")
    qid = w.submit(m, ["gil@maple.example"], m.t)
    rejected = maple.new_id(after(t, 601))
    maple.reject(after(t, 601), f"{rejected} H=mail.birch.example [192.0.2.10] {w.EXIM_TLS} F=<{m.sender}> rejected after DATA: this message scored 14.2 spam points")
    reply = f"host {maple.peer()} said: 550 this message scored 14.2 spam points (in reply to end of DATA command)"
    w.out_sends(qid, "gil@maple.example", maple.peer(), after(t, 601.3), m.t, reply, "5.0.0", "bounced")
    w.out_bounces(qid, m, after(t, 601.5))


def strangers(w):
    """16 to 18: what never got in."""
    cedar, maple, out = w.cedar, w.maple, w.out
    refused = [
        ("unknown[203.0.113.9]", "454 4.7.1 <joe@elsewhere.example>: Relay access denied", "a@stranger.example", "joe@elsewhere.example", "pc9"),
        ("dsl7.stranger.example[203.0.113.7]", "554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/203.0.113.7", "b@stranger.example", "anna@cedar.example", "dsl7.stranger.example"),
        ("unknown[203.0.113.8]", "450 4.7.25 Client host rejected: cannot find your hostname, [203.0.113.8]", "c@stranger.example", "ben@cedar.example", "mail8.stranger.example"),
        ("unknown[203.0.113.11]", "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname", "d@stranger.example", "carl@cedar.example", "localhost"),
        ("mail.stranger.example[203.0.113.12]", "450 4.1.8 <e@no-such-domain.example>: Sender address rejected: Domain not found", "e@no-such-domain.example", "anna@cedar.example", "mail.stranger.example"),
        ("mail.stranger.example[203.0.113.12]", "452 4.5.3 Error: too many recipients", "e@stranger.example", "anna@cedar.example", "mail.stranger.example"),
    ]
    for i, (client, reply, sender, rcpt, helo) in enumerate(refused):
        t = after(at("16 02:10:00.5"), 1900 * i)
        pid = cedar.connect(t, client, tls=False)
        cedar.log(after(t, .4), "postfix/smtpd", pid, f"NOQUEUE: reject: RCPT from {client}: {reply}; from=<{sender}> to=<{rcpt}> proto=ESMTP helo=<{helo}>")
        cedar.disconnect(after(t, .6), client, pid, "ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4")

    t = at("16 05:30:00.5")
    pid = cedar.connect(t, "unknown[203.0.113.14]", tls=False)
    cedar.log(after(t, .2), "postfix/smtpd", pid, "NOQUEUE: reject: DATA from unknown[203.0.113.14]: 503 5.5.0 <DATA>: Data command rejected: Improper use of SMTP command pipelining; "
              "from=<f@stranger.example> to=<anna@cedar.example> proto=SMTP helo=<mail14.stranger.example>")
    cedar.disconnect(after(t, .3), "unknown[203.0.113.14]", pid, "helo=1 mail=1 rcpt=1 data=0/1 commands=3/4")

    # a forger in the shop's name: DMARC p=reject
    m = w.Message(70, "rosa@birch.example", "anna@cedar.example", "Please pay at once", "New account number: ...", at("16 03:33:00.4"))
    t, peer = m.t, w.SPOOFER
    qid, pid = cedar.new_id(t), cedar.connect(after(t, -.2), peer, tls=False)
    cedar.log(t, "postfix/smtpd", pid, f"{qid}: client={peer}")
    cedar.log(after(t, .05), "postfix/cleanup", 313, f"{qid}: message-id=<{m.id}>")
    cedar.log(after(t, .1), "opendmarc", 68, f"{qid}: birch.example fail")
    cedar.log(after(t, .11), "postfix/cleanup", 313, f"{qid}: milter-reject: END-OF-MESSAGE from {peer}: 5.7.1 rejected by DMARC policy for birch.example; "
              f"from=<{m.sender}> to=<anna@cedar.example> proto=ESMTP helo=<mail.birch.example>")
    cedar.disconnect(after(t, .2), peer, pid, "ehlo=1 mail=1 rcpt=1 data=0/1 quit=1 commands=4/5")

    t = at("16 04:00:00.3")
    maple.reject(t, "H=(pc9) [203.0.113.9] F=<a@stranger.example> rejected RCPT <nobody@maple.example>: Unrouteable address")
    maple.reject(after(t, 60), "H=dsl7.stranger.example [203.0.113.7] F=<b@stranger.example> rejected RCPT <dora@maple.example>: 203.0.113.7 is listed at zen.spamhaus.org")

    for i in range(3):
        t = after(at("17 01:00:00.1"), 20 * i)
        pid = out.connect(t, "unknown[203.0.113.99]", tls=False, service="submission/smtpd")
        out.log(after(t, 3), "postfix/submission/smtpd", pid, "warning: unknown[203.0.113.99]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=rosa@birch.example")
        out.disconnect(after(t, 3.5), "unknown[203.0.113.99]", pid, "ehlo=1 auth=0/1 quit=1 commands=2/3", "submission/smtpd")

    t = at("18 06:00:00.2")
    pid = cedar.connect(t, "mail.stranger.example[203.0.113.12]", tls=False)
    qid = cedar.new_id(after(t, 1))
    cedar.log(after(t, 1), "postfix/smtpd", pid, f"{qid}: client=mail.stranger.example[203.0.113.12]")
    cedar.log(after(t, 12), "postfix/smtpd", pid, "lost connection after DATA (10201 bytes) from mail.stranger.example[203.0.113.12]")
    cedar.disconnect(after(t, 12.1), "mail.stranger.example[203.0.113.12]", pid, "ehlo=1 mail=1 rcpt=1 data=0/1 commands=3/4")


def still_on_the_way(w):
    """18, five minutes before we look."""
    m = w.Message(80, "rosa@birch.example", "ben@cedar.example", "Tomorrow at nine", "See you tomorrow.", at("18 17:55:00.4"), "Rosa Birch")
    w.submit(m, ["ben@cedar.example"], m.t)


def record(ip, count, disposition, dkim, spf, auth, reason=""):
    return (f"  <record>\n    <row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated><disposition>{disposition}</disposition>"
            f"<dkim>{dkim}</dkim><spf>{spf}</spf>{reason}</policy_evaluated></row>\n"
            f"    <identifiers><header_from>birch.example</header_from></identifiers>\n    <auth_results>{auth}</auth_results>\n  </record>\n")


def auth(dkim=None, spf=None, domain="birch.example"):
    text = f"<dkim><domain>birch.example</domain><selector>s2026</selector><result>{dkim}</result></dkim>" if dkim else ""
    return text + (f"<spf><domain>{domain}</domain><result>{spf}</result></spf>" if spf else "")


def reports(w):
    """What two receivers tell the shop about mail in its name."""
    good = auth("pass", "pass")
    old = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feedback>\n  <version>1.0</version>\n  <report_metadata><org_name>bigmail.example</org_name>"
           "<email>dmarc@bigmail.example</email><report_id>12873461</report_id><date_range><begin>1789430400</begin><end>1789516799</end></date_range></report_metadata>\n"
           "  <policy_published><domain>birch.example</domain><adkim>r</adkim><aspf>r</aspf><p>reject</p><sp>reject</sp><pct>100</pct></policy_published>\n"
           + record("192.0.2.10", 412, "none", "pass", "pass", good)
           + record("203.0.113.30", 9, "none", "pass", "fail", auth("pass", "fail"))
           + record("203.0.113.66", 57, "reject", "fail", "fail", auth(None, "fail"))
           + record("198.51.100.200", 3, "none", "fail", "fail", auth("fail", "pass", "list.example"), "<reason><type>mailing_list</type><comment>known list</comment></reason>")
           + "</feedback>\n")
    w.write("reports/bigmail.example!birch.example!1789430400!1789516799.xml.gz", old)
    new = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">\n  <version>1.0</version>\n"
           "  <report_metadata><org_name>Cedar Library</org_name><email>postmaster@cedar.example</email><report_id>20260916.birch.example@cedar.example</report_id>"
           "<date_range><begin>1789516800</begin><end>1789603199</end></date_range><generator>OpenDMARC</generator></report_metadata>\n"
           "  <policy_published><domain>birch.example</domain><discovery_method>treewalk</discovery_method><p>reject</p><np>reject</np><testing>n</testing></policy_published>\n"
           + record("192.0.2.10", 8, "pass", "pass", "pass", good)
           + record("203.0.113.66", 1, "reject", "fail", "fail", auth(None, "fail"))
           + "</feedback>\n")
    w.write("reports/cedar.example!birch.example!1789516800!1789603199.xml.gz", new)


def txt(value):
    return " ".join(f'"{value[i:i + 200]}"' for i in range(0, len(value), 200))


def zone(w):
    lines = [";@ default unknown", ";@ valid 2026-09-01T00:00:00Z 2026-12-31T00:00:00Z", "$TTL 3600"]
    for domain, host, ip, key, spf in (("birch", "mail", "192.0.2.10", w.birch_key, "v=spf1 ip4:192.0.2.10 -all"),
                                       ("cedar", "mx", "198.51.100.20", w.cedar_key, "v=spf1 mx -all"),
                                       ("maple", "mx", "203.0.113.30", None, "v=spf1 mx ~all"),
                                       ("bigmail", "mx", "203.0.113.80", None, "v=spf1 mx -all")):
        d = f"{domain}.example."
        lines += [f"{d} IN MX 10 {host}.{d}", f"{host}.{d} IN A {ip}", f"{'.'.join(reversed(ip.split('.')))}.in-addr.arpa. IN PTR {host}.{d}",
                  f"{d} IN TXT {txt(spf)}"]
        if key:
            lines.append(f"{key.selector}._domainkey.{d} IN TXT {txt('v=DKIM1; k=rsa; p=' + key.public)}")
        else:
            lines.append(f";@ nodata _domainkey.{d} TXT")
    lines += ['_dmarc.birch.example. IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc@birch.example"',
              '_dmarc.cedar.example. IN TXT "v=DMARC1; p=none; rua=mailto:postmaster@cedar.example"',
              ";@ nxdomain _dmarc.maple.example.", ";@ nxdomain _dmarc.mail.birch.example.", ";@ nxdomain _dmarc.bigmail.example.", ";@ nxdomain gone.example.",
              "nomail.example. IN MX 0 .", "round.example. IN MX 10 mail.birch.example.", ";@ servfail fail.example. MX"]
    for name, ip in (("slow", 77), ("closed", 71), ("moved", 72), ("guard", 73), ("repute", 74), ("strict", 75), ("rules", 76), ("full", 78),
                     ("busy", 79), ("crowd", 81), ("disk", 82), ("shaky", 83), ("small", 84), ("form", 85), ("files", 86), ("plain", 87), ("deny", 88),
                     ("far", 89), ("drop", 90), ("cert", 91)):
        lines += [f"{name}.example. IN MX 10 mx.{name}.example.", f"mx.{name}.example. IN A 198.51.100.{ip}"]
    w.write("dns.zone", "\n".join(lines) + "\n")
