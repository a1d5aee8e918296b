/* Lines of filters and delivery agents: what each field of the event must be. */
#include <stdlib.h>

#include "format.h"
#include "log_dovecot.h"
#include "log_rspamd.h"
#include "log_spamd.h"
#include "tap.h"

/* want: "kind field=value; field=value": every field named must be so, "field=" must be empty. */
static const struct {
    const char *program, *text, *want;
} rows[] = {
    /* OpenDKIM, OpenDMARC */
    { "opendkim", "28C581A2C3: DKIM-Signature field added (s=s1, d=example.com)",
      "auth queue_id=28C581A2C3; engine=opendkim; method=dkim; selector=s1; domain=example.com; "
      "result=signed; action=" },
    { "opendkim", "4bWKnm5pVmzkbn2: s=s1 d=example.com a=rsa-sha256 SSL ",
      "auth queue_id=4bWKnm5pVmzkbn2; selector=s1; domain=example.com; result=; reason=" },
    { "opendkim", "28C581A2C3: s=s1 d=example.com SSL error:02000068:rsa routines::bad signature",
      "auth result=fail; reason=error:02000068:rsa routines::bad signature" },
    { "opendkim",
      "28C581A2C3: key retrieval failed (s=s1, d=example.com): 's1._domainkey.example.com' record not found",
      "auth result=permerror; reason='s1._domainkey.example.com' record not found; selector=s1" },
    { "opendkim",
      "28C581A2C3: key retrieval failed (s=s1, d=example.com): 's1._domainkey.example.com' query timed out",
      "auth result=temperror" },
    { "opendkim", "28C581A2C3: no signing table match for 'jane@example.net'",
      "auth result=unsigned; domain=example.net; reason=no signing table match for 'jane@example.net'" },
    { "opendkim", "unknown-jobid: DKIM verification successful", "auth queue_id=; result=pass" },
    { "opendkim", "28C581A2C3: failed to add signature for default key",
      "auth result=unsigned; reason=failed to add signature for default key" },
    { "opendkim", "28C581A2C3: a signature never seen", "reject" },
    { "opendkim", "28C581A2C3: something never seen", "ignored" },
    { "opendkim", "28C581A2C3: external host mail.example.net attempted to send as example.com",
      "auth result=unsigned; client_name=mail.example.net; client_ip=; domain=example.com" },
    { "opendkim", "28C581A2C3: external host [192.0.2.8] attempted to send as example.com",
      "auth result=unsigned; client_name=; client_ip=192.0.2.8; domain=example.com" },
    { "opendmarc", "28C581A2C3: never seen before", "ignored" },
    { "opendmarc", "28C581A2C3: a new way to fail", "reject" },
    { "opendkim", "something never seen of itself", "ignored" },
    { "opendmarc", "28C581A2C3: example.com fail",
      "auth engine=opendmarc; method=dmarc; domain=example.com; result=fail; queue_id=28C581A2C3" },
    { "opendmarc", "28C581A2C3: SPF(helo): mail.example.com softfail",
      "auth method=spf; result=softfail; detail=helo" },
    { "opendmarc", "28C581A2C3: ARC pass, policy fail > continuing DMARC eval",
      "auth method=arc; result=pass" },

    /* SPF policy servers */
    { "policyd-spf",
      ": prepend Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=192.0.2.7; "
      "helo=mail.example.com; "
      "envelope-from=odd user@example.com; receiver=mx.example.org ",
      "auth method=spf; result=pass; domain=example.com; mail_from=odd user@example.com; "
      "client_ip=192.0.2.7; "
      "helo=mail.example.com; recipient=; reason=; queue_id=; detail=mailfrom" },
    { "policyd-spf",
      "28C581A2C3: prepend Received-SPF: None (no SPF record) identity=helo; client-ip=2001:db8::7; "
      "helo=mail.example.com; envelope-from=<>; receiver=mx.example.org ",
      "auth queue_id=28C581A2C3; result=none; domain=mail.example.com; mail_from=; client_ip=2001:db8::7; "
      "reason=no SPF record" },
    { "policyd-spf",
      "prepend Received-SPF: Permerror (SPF Permanent Error: Too many DNS lookups (limit 10)) "
      "identity=mailfrom; "
      "client-ip=192.0.2.7; helo=h; envelope-from=a@b.example; receiver=c",
      "auth result=permerror; reason=SPF Permanent Error: Too many DNS lookups (limit 10); "
      "client_ip=192.0.2.7" },
    { "policyd-spf",
      ": 550 5.7.23 Message rejected due to: SPF fail - not authorized. Please see "
      "http://www.openspf.net/Why?s=mfrom;id=jane@example.com;ip=192.0.2.9;r=bob@example.org",
      "auth result=fail; domain=example.com; client_ip=192.0.2.9; code=550; enhanced=5.7.23" },
    { "postfix/policy-spf",
      "Policy action=PREPEND Received-SPF: softfail (example.com: Sender is not authorized (a (b) c)) "
      "receiver=mx; identity=mailfrom; envelope-from=\"jane@example.com\"; helo=h.example.com; "
      "client-ip=192.0.2.7",
      "auth result=softfail; mail_from=jane@example.com; domain=example.com; client_ip=192.0.2.7; "
      "helo=h.example.com" },
    { "postfix/policy-spf", "Policy action=DUNNO", "ignored" },
    { "postfix/policy-spf",
      "28C581A2C3: SPF fail: smtp_comment=Please see http://spf.example/?ip=192.0.2.1, "
      "header_comment=mx.example.org: "
      "domain of jane@example.com does not designate 192.0.2.1 as permitted sender",
      "auth method=spf; queue_id=28C581A2C3; result=fail; mail_from=jane@example.com; client_ip=192.0.2.1; "
      "domain=example.com; reason=Please see http://spf.example/?ip=192.0.2.1" },
    { "postfix/policy-spf",
      ": : SPF none: smtp_comment=SPF: domain of sender does not designate mailers, "
      "header_comment=mx1.example.com: "
      "domain of does not designate permitted sender hosts",
      "auth result=none; queue_id=; client_ip=" },
    { "postfix/policy-spf", "SPF not applicable to localhost connection - skipped check", "ignored" },

    /* greylisters */
    { "postgrey",
      "action=greylist, reason=early-retry (3s missing), client_name=unknown, client_address=192.0.2.7, "
      "sender=jane@example.com, recipient=bob@example.org",
      "filter engine=postgrey; action=greylist; reason=early-retry (3s missing); client_name=; "
      "client_ip=192.0.2.7; "
      "mail_from=jane@example.com; recipient=bob@example.org" },
    { "sqlgrey", "grey: reconnect ok: 192.0.2(192.0.2.7), jane@example.com -> bob@example.org (00:05:40)",
      "filter engine=sqlgrey; action=pass; client_ip=192.0.2.7; recipient=bob@example.org; detail=00:05:40" },
    { "policyd",
      "rcpt=1, greylist=abuse, host=192.0.2.7 (h.example.com), from=a@b.example, to=c@d.example, size=1",
      "filter engine=policyd; action=greylist; client_ip=192.0.2.7; recipient=c@d.example" },
    { "cbpolicyd",
      "module=Quotas, mode=update, action=pass, host=192.0.2.7, helo=h, from=a@b.example, to=c@d.example, "
      "reason=quota_update, policy=6",
      "filter engine=cbpolicyd; method=Quotas; action=pass; recipient=c@d.example; reason=quota_update, "
      "policy=6" },

    { "postfwd",
      "[RULES] rule=0, id=R1, client=mail.example.com[192.0.2.7], sender=<jane@example.com>, "
      "recipient=<bob@example.org>, helo=<mail.example.com>, proto=ESMTP, state=RCPT, delay=0.00s, hits=R1, "
      "action=REJECT no such senders here",
      "filter engine=postfwd; action=reject; detail=REJECT no such senders here; reason=R1; "
      "client_ip=192.0.2.7; "
      "client_name=mail.example.com; mail_from=jane@example.com; recipient=bob@example.org; "
      "helo=mail.example.com" },
    { "postfwd3/policy",
      "[RULES] rule=2, id=R3, client=unknown[192.0.2.8], sender=<>, recipient=<bob@example.org>, helo=<h>, "
      "proto=ESMTP, state=RCPT, rate=rate/6/0.12s, delay=0.00s, hits=R3, action=450 4.7.1 too many",
      "filter action=defer; client_name=; client_ip=192.0.2.8; mail_from=" },
    { "postfwd",
      "[RULES] rule=1, id=R, client=a[192.0.2.8], sender=<>, recipient=<b@c.example>, helo=<h>, x=1, "
      "action=DUNNO",
      "filter action=pass; detail=" },
    { "postfwd", "[STATS] postfwd2::policy 1.35: 12 requests", "ignored" },

    /* Rspamd */
    { "rspamd",
      "<747296>; proxy; rspamd_task_write_log: id: <a1@example.com>, qid: <02331840CC>, ip: 192.0.2.7, from: "
      "<jane@example.com>, (default: F (add header): [6.10/15.00] "
      "[BAYES_SPAM(5.10){99.99%;},ARC_NA(0.00)[]]), len: "
      "4711, time: 1ms, dns req: 1, digest: <d>, rcpts: <bob@example.org>, mime_rcpts: <x>",
      "filter engine=rspamd; queue_id=02331840CC; message_id=a1@example.com; action=add header; score=6.10; "
      "required=15.00; tests=BAYES_SPAM(5.10){99.99%;},ARC_NA(0.00)[]; result=ham; "
      "recipient=bob@example.org; size=4711" },
    { "rspamd",
      "<747297>; task; rspamd_task_write_log: id: <undef>, qid: <undef>, ip: unknown, (default: T (reject): "
      "[nan/15.00] []), len: 1",
      "filter queue_id=; message_id=; client_ip=; action=reject; score=; result=spam" },
    { "rspamd",
      "<747297>; task; rspamd_task_write_log: qid: <02331840CC>, user: bob, id: <a1@example.com>, "
      "(default: F (no action): [1.20/15.00] [A(1.20)]), len: 123, from: <jane@example.com>, ip: 192.0.2.7",
      "filter queue_id=02331840CC; auth_user=bob; message_id=a1@example.com; mail_from=jane@example.com; "
      "client_ip=192.0.2.7; size=123" },
    { "rspamd",
      "{\"ts\": 1790000000, \"pid\": 38, \"severity\": \"notice\", \"worker_type\": \"normal\", \"id\": "
      "\"09a588\", "
      "\"module\": \"task\", \"function\": \"rspamd_task_write_log\", \"message\": \"id: <a1@example.com>, "
      "qid: "
      "<02331840CC>, from: <\\\"jane r\\\"@example.com>, (default: T (reject): [25.20/15.00] "
      "[A(1.20){x\\\\y;}]), "
      "len: 12\"}",
      "filter engine=rspamd; queue_id=02331840CC; message_id=a1@example.com; action=reject; score=25.20; "
      "tests=A(1.20){x\\y;}; mail_from=\"jane r\"@example.com; size=12" },
    { "rspamd",
      "{\"ts\": 1790000000, \"pid\": 38, \"severity\": \"info\", \"worker_type\": \"normal\", \"id\": \"\", "
      "\"module\": \"main\", \"function\": \"f\", \"message\": \"it starts\"}",
      "ignored" },
    { "rspamd", "<747298>; milter; rspamd_milter_process_command: got connection from 192.0.2.7:32845",
      "ignored" },

    { "mimedefang.pl", "37634CDA123: MDLOG,37634CDA123,mail_in,,,<jane@example.com>,<bob@example.org>,hello",
      "filter engine=MIMEDefang; queue_id=37634CDA123; action=mail_in; mail_from=jane@example.com; "
      "recipient=bob@example.org; subject=hello" },
    { "mimedefang.pl", "37634CDA124: filter_recipient rejected recipient <carol@example.org>", "ignored" },
    { "spampd",
      "identified spam <a3@example.com> (12.30/5.00) from <jane@example.com> for <bob@example.org> "
      "<carol@example.org> in 0.52s, 4711 bytes.",
      "filter engine=SpamAssassin; result=spam; score=12.30; required=5.00; message_id=a3@example.com; "
      "mail_from=jane@example.com; recipient=bob@example.org,carol@example.org; size=4711" },
    { "spampd",
      "clean message (unknown) (-0.10/5.00) from (unknown) for <bob@example.org> in 0.10s, 990 bytes.",
      "filter result=ham; score=-0.10; message_id=; mail_from=; recipient=bob@example.org" },
    { "spampd", "processing message <a3@example.com> for <bob@example.org>", "ignored" },

    /* spamd */
    { "spamd",
      "spamd: result: Y 12 - A,B "
      "scantime=1.2,size=4711,user=bob,uid=1,required_score=5.0,rhost=h,raddr=192.0.2.7,"
      "rport=1,mid=<a1@example.com>,bayes=0.99,autolearn=no",
      "filter engine=SpamAssassin; result=spam; score=12; required=5.0; tests=A,B; "
      "message_id=a1@example.com; user=bob" },
    { "spamd", "spamd: clean message (-1.9/5.0) for bob:1000 in 0.4 seconds, 990 bytes.",
      "filter action=clean message; result=ham; score=-1.9; required=5.0; size=990; user=bob" },
    { "spamd", "result: .  0 - scantime=0.1,size=12,mid=<a2@example.com>,autolearn=ham",
      "filter score=0; tests=; message_id=a2@example.com; result=ham" },

    { "milter-greylist",
      "(unknown id): skipping greylist because this is the default action, (from=<a@b.example>, "
      "rcpt=<c@d.example>, "
      "addr=h.example[192.0.2.7]) ACL 12",
      "filter engine=milter-greylist; queue_id=; action=pass; reason=this is the default action; "
      "client_ip=192.0.2.7; mail_from=a@b.example; recipient=c@d.example" },
    { "milter-greylist",
      "(unknown id): addr h.example[192.0.2.7] from <a@b.example> to <c@d.example> delayed for 00:05:00 (ACL "
      "12)",
      "filter queue_id=; action=greylist; client_name=h.example; recipient=c@d.example" },
    { "opendkim", "28C581A2C3: message has signatures from example.net, example.com", "ignored" },
    { "milter-greylist",
      "6ALMBW4x000098: addr 192.0.2.7 from <jane@example.com> rcpt <bob@example.org>: autowhitelisted for "
      "another "
      "24:00:00",
      "filter queue_id=6ALMBW4x000098; client_ip=192.0.2.7; client_name=; mail_from=jane@example.com; "
      "recipient=bob@example.org; action=pass" },
    { "milter-greylist",
      "6ALMBW4x000099: addr mail.example.com[192.0.2.7] from <jane@example.com> to <bob@example.org> delayed "
      "after DATA "
      "phase for 00:30:00 (ACL 12)",
      "filter client_name=mail.example.com; action=greylist; detail=00:30:00" },
    { "milter-greylist",
      "6ALMBW4x00009a: addr h.example[192.0.2.66] from <eve@example.com> blacklisted (ACL 13)",
      "filter client_ip=192.0.2.66; recipient=; action=reject" },
    { "postgrey", "something new of itself", "ignored" },

    /* Proxmox Mail Gateway; the Message-ID comes from the first line */
    { "pmg-smtp-filter", "3807BE5DFA39502AEF1: new mail message-id=<p1@example.com>#012", "ignored" },
    { "pmg-smtp-filter",
      "3807BE5DFA39502AEF1: SA score=8/5 time=0.5 bayes=undefined autolearn=no autolearn_force=no "
      "hits=BAYES_99(3.5),DKIM_SIGNED(0.1)",
      "filter engine=pmg; session=3807BE5DFA39502AEF1; message_id=p1@example.com; score=8; required=5; "
      "result=spam; "
      "tests=BAYES_99(3.5),DKIM_SIGNED(0.1)" },
    { "pmg-smtp-filter",
      "3807BE5DFA39502AEF1: moved mail for <bob@example.org> to spam quarantine - 381C6F5DFA39502F470 (rule: "
      "Quarantine/Mark Spam (Level 3))",
      "filter action=quarantine; result=spam; recipient=bob@example.org; mailbox=381C6F5DFA39502F470; "
      "reason=Quarantine/Mark Spam (Level 3); message_id=p1@example.com" },
    { "pmg-smtp-filter", "3807BE5DFA39502AEF2: SA score=0/5 time=1.2 hits=A(0.1)",
      "filter result=ham; message_id=" },
    { "pmg-smtp-filter",
      "3807BE5DFA39502AEF2: accept mail to <ann@example.org> (1C6B541C5D) (rule: default-accept)",
      "filter action=accept; recipient=ann@example.org; next_queue_id=1C6B541C5D; message_id=" },
    { "pmg-smtp-filter", "3807BE5DFA39502AEF2: virus detected: Eicar (clamav)",
      "filter action=found; result=virus; tests=Eicar; detail=clamav" },
    { "pmg-smtp-filter", "3807BE5DFA39502AEF2: block mail to <ann@example.org> (rule: Block Viruses)",
      "filter action=blocked; reason=Block Viruses" },
    { "pmg-smtp-filter", "3807BE5DFA39502AEF2: SA score of a new kind", "ignored" },

    /* amavis */
    { "amavis",
      "(00194-02-2) Passed SPAMMY {RelayedTaggedInbound}, [192.0.2.7]:46182 <jane@example.com> -> "
      "<bob@example.org>,<\"a, b\"@example.org>, quarantine: q/1, Queue-ID: 28C581A2B8, Message-ID: "
      "<a2@example.com>, "
      "mail_id: Q, Hits: 6.2, size: 2275, queued_as: 28C581A2B9, Tests: [A=3.5,B=0.001], "
      "dkim_sd=s1:example.com, 138 ms",
      "filter engine=amavis; action=passed; result=spam; detail=RelayedTaggedInbound; client_ip=192.0.2.7; "
      "client_port=46182; "
      "mail_from=jane@example.com; recipient=bob@example.org,\"a, b\"@example.org; queue_id=28C581A2B8; "
      "next_queue_id=28C581A2B9; "
      "message_id=a2@example.com; "
      "score=6.2; size=2275; tests=A=3.5,B=0.001; domain=example.com; selector=s1; mailbox=q/1; "
      "session=00194-02-2" },
    { "amavis",
      "(1-2) Blocked BANNED (multipart/mixed | .exe,a (1).exe) {DiscardedInbound,Quarantined}, LOCAL "
      "[192.0.2.7]:1 <> -> "
      "<bob@example.org>, Queue-ID: 28C581A2B8, Hits: -, size: 1, 5 ms",
      "filter action=blocked; result=banned; reason=multipart/mixed | .exe,a (1).exe; mail_from=; "
      "recipient=bob@example.org; "
      "score=; queue_id=28C581A2B8" },
    { "amavis",
      "(1-2) Passed CLEAN {AcceptedInternal}, AM.PDP-SOCK MYNETS LOCAL [192.0.2.7] <a@b.example> -> "
      "<c@d.example>, "
      "Message-ID: <a1@example.com>, Hits: -1, 5 ms",
      "filter action=passed; client_ip=192.0.2.7; mail_from=a@b.example; recipient=c@d.example; score=-1" },
    { "amavis",
      "(1-2) Passed CLEAN {RelayedInbound}, [192.0.2.7]:7000 [192.0.2.7] /ESMTP <a@b.example> -> "
      "<c@d.example>, "
      "Queue-ID: 28C581A2C3, Hits: 1, 5 ms",
      "filter queue_id=28C581A2C3; client_ip=192.0.2.7; mail_from=a@b.example" },
    { "amavis", "(1-2) Passed CLEAN, [IPv6:2001:db8::7] <a@b.example> -> <c@d.example>, Hits: 1, 5 ms",
      "filter client_ip=2001:db8::7" },
    { "amavis", "(1-2) Blocked INFECTED (Eicar), [192.0.2.7] <a@b.example> -> <c@d.example>, Hits: -, 5 ms",
      "filter result=virus; tests=Eicar; client_ip=192.0.2.7" },
    { "amavis", "(1-2) Passed CLEAN, [192.0.2.7] [192.0.2.8] <a@b.example> -> <c@d.example>, Hits: 1.5, 5 ms",
      "filter client_ip=192.0.2.7; score=1.5; result=ham; mail_from=a@b.example" },

    { "amavis",
      "(1-2) Passed, <a@b.example> -> <c@d.example>, quarantine S68df6LqJbl7, Message-ID: <m@b.example>,",
      "filter mailbox=S68df6LqJbl7; message_id=m@b.example; result=" },
    { "amavis",
      "(1-2) SPAM, <a@b.example> -> <c@d.example>, Yes, score=16.685 tag=0 tag2=6.31 kill=6.31 tests=[A=3.5, "
      "B=1] autolearn=spam, quarantine x (y)",
      "filter score=16.685; required=6.31; tests=A=3.5, B=1; result=spam; recipient=c@d.example" },

    /* ClamAV, MIMEDefang */
    { "clamd", "instream(127.0.0.1@40412): Eicar(44d88612fea8a8f36de82e1278abb02f:68) FOUND",
      "filter engine=ClamAV; tests=Eicar; result=virus" },
    { "clamav-milter",
      "Message 28C581A2C0 from <a@b.example> to <c@d.example> with subject 'it's' message-id '<m@b.example>' "
      "date 'x' infected by Eicar",
      "filter queue_id=28C581A2C0; message_id=m@b.example; subject=it's; tests=Eicar; action=infected" },
    { "mimedefang.pl", "MDLOG,6ALMBW4x000096,spam,12.3,192.0.2.9,<a@b.example>,<c@d.example>,win, now",
      "filter queue_id=6ALMBW4x000096; score=12.3; result=spam; mail_from=a@b.example; subject=win, now" },

    /* MailScanner */
    { "MailScanner",
      "Message 7BD5C1A0294.B2F3C from 192.0.2.9 (a@b.example) to d.example,e.example is spam, spamhaus-ZEN, "
      "SpamAssassin (cached, score=19.5, required 6, BAYES_99 3.50)",
      "filter engine=MailScanner; queue_id=7BD5C1A0294; client_ip=192.0.2.9; mail_from=a@b.example; "
      "result=spam; "
      "score=19.5; required=6; tests=BAYES_99 3.50" },
    { "MailScanner", "Message 1ab2cd-0002-XY from 2001:db8::1 () to d.example is not spam (whitelisted)",
      "filter queue_id=1ab2cd-0002-XY; mail_from=; result=ham; score=" },
    { "MailScanner", "Spam Actions: message 7BD5C1A0294.B2F3C actions are store,notify",
      "filter queue_id=7BD5C1A0294; action=quarantine; result=spam" },
    { "MailScanner", "Spam Actions: message 7BD5C1A0294.B2F3C actions are delete",
      "filter queue_id=7BD5C1A0294; action=discard; result=spam" },
    { "MailScanner", "Spam Actions: message 7BD5C1A0294.B2F3C actions are store,deliver", "ignored" },
    { "MailScanner", "Requeue: 7BD5C1A0294.B2F3C to 8C0F01A0294",
      "arrival queue_id=8C0F01A0294; orig_queue_id=7BD5C1A0294" },
    { "MailScanner", "Infected message 7BD5C1A0294.B2F3C came from 192.0.2.7",
      "filter queue_id=7BD5C1A0294; result=virus; client_ip=192.0.2.7" },
    { "MailScanner", "Virus Scanning: Found 1 viruses", "ignored" },
    { "MailScanner", "words that were never seen", "ignored" },

    /* Dovecot */
    { "dovecot",
      "submission(bob@example.org)<213><iJarDRcX>: Successfully relayed message: from=<bob@example.org>, "
      "size=1234, "
      "id=abc+def, nrcpt=2, reply=`250 2.0.0 Ok: queued as 4XyZ12ABCD'",
      "filter engine=dovecot-submission; queue_id=4XyZ12ABCD; next_queue_id=; action=relayed; size=1234; "
      "mail_from=bob@example.org; auth_user=bob@example.org; session=iJarDRcX; code=250" },
    { "dovecot",
      "submission(bob@example.org)<213><iJarDRcX>: Failed to relay message: from=<>, size=1234, nrcpt=1, "
      "reply=`554 "
      "5.7.1 no'",
      "refusal queue_id=; mail_from=; auth_user=bob@example.org; code=554; enhanced=5.7.1; reply=554 5.7.1 "
      "no" },
    { "dovecot", "submission(bob@example.org)<213><iJarDRcX>: Disconnected: Logged out", "session" },
    { "dovecot", "submission(bob@example.org)<213><iJarDRcX>: Lost connection to relay server", "ignored" },
    { "dovecot",
      "lmtp(bob@example.org)<213><iJarDRcX:R2>: sieve: msgid=<a1@example.com>: fileinto action: stored mail "
      "into mailbox 'Junk'",
      "filing user=bob@example.org; session=iJarDRcX:R2; message_id=a1@example.com; mailbox=Junk; "
      "action=stored" },
    { "dovecot",
      "lmtp(213, bob@example.org): Oy2jHqKAUVJpMAAA7HgMMA: sieve: msgid=<a1@example.com>: stored mail into "
      "mailbox 'INBOX'",
      "filing user=bob@example.org; session=Oy2jHqKAUVJpMAAA7HgMMA; mailbox=INBOX" },
    { "dovecot",
      "lmtp(bob@example.org): Oy2jHqKAUVJpMAAA7HgMMA: msgid=<a1@example.com>: save failed to INBOX: Quota "
      "exceeded (full)",
      "filing session=Oy2jHqKAUVJpMAAA7HgMMA; action=failed; mailbox=INBOX; reply=Quota exceeded (full)" },
    { "dovecot",
      "lda(bob): from=x, subject=Re: saved mail to Trash: y, msgid=<a1@example.com>, size=3: saved mail to "
      "Lists/C",
      "filing user=bob; message_id=a1@example.com; mailbox=Lists/C; action=stored" },
    { "dovecot", "lda(bob): msgid=<a1@example.com>, from=j@example.com: saved mail to Lists/C",
      "filing user=bob; message_id=a1@example.com; mailbox=Lists/C" },
    { "dovecot", "lmtp(bob)<1><s>: sieve: msgid=unspecified: stored mail into mailbox 'INBOX'",
      "filing message_id=; session=s" },
    { "dovecot",
      "lmtp(bob)<1><s>: Error: sieve: msgid=<a1@example.com>: failed to store into mailbox 'It's': Quota "
      "exceeded",
      "filing action=failed; reply=Quota exceeded" },
    { "dovecot", "lmtp(bob)<1><s>: Error: something broke", "ignored" },
    { "dovecot", "lmtp(bob)<1><s>: msgid=<a1@example.com>: a sentence that is new", "ignored" },
    { "dovecot", "lmtp(bob)<1><s>: msgid=<a1@example.com>: a new way to reject", "reject" },
    { "dovecot", "lmtp(bob)<1><s>: from=a@example.com, msgid=<a1@example.com>, saved mail to Junk",
      "filing action=stored; mailbox=Junk; message_id=a1@example.com; user=bob" },
    { "dovecot",
      "imap-login: Logged in: user=<bob>, method=PLAIN, rip=2001:db8::50, lip=2001:db8::20, mpid=1, TLS, "
      "session=<x>",
      "session action=login; user=bob; client_ip=2001:db8::50; session=x; method=PLAIN" },
    { "dovecot",
      "pop3-login: Disconnected (auth failed, 3 attempts in 17 secs): user=<eve>, method=PLAIN, "
      "rip=192.0.2.66, lip=192.0.2.20",
      "session action=auth-failure; auth_user=eve; client_ip=192.0.2.66" },
    { "dovecot",
      "auth-worker(9): conn unix:auth-worker (pid=1,uid=2): auth-worker<7>: sql(eve,192.0.2.66): unknown "
      "user",
      "session action=auth-failure; user=eve; client_ip=192.0.2.66" },
    { "dovecot", "auth(eve,192.0.2.66,sasl:plain)<fXk2>: passwd-file: Password mismatch",
      "session action=auth-failure; auth_user=eve; client_ip=192.0.2.66; session=fXk2" },
    { "dovecot", "auth(eve,192.0.2.66,sasl:login)<90><fXk2>: request [3]: sql: unknown user",
      "session action=auth-failure; auth_user=eve; client_ip=192.0.2.66; session=fXk2" },
    { "dovecot", "auth(eve,sasl:plain): pam: Password mismatch",
      "session action=auth-failure; auth_user=eve; client_ip=; session=" },
    { "dovecot", "auth(eve,192.0.2.66,sasl:plain)<fXk2>: login user: adam", "ignored" },
    { "dovecot",
      "imap-login: Started proxying to <192.0.2.30> (0.012 secs): user=<bob>, method=PLAIN, rip=192.0.2.50, "
      "lip=192.0.2.20, session=<x>",
      "session action=login; user=bob; client_ip=192.0.2.50; session=x" },
    { "dovecot",
      "lmtp(bob)<1><s>: sieve: msgid=<a1@example.com>: reject action aborted: envelope recipient is <>",
      "ignored" },
    { "dovecot", "lmtp(213): Disconnect from 2001:db8::7: Connection closed (in DATA finished)",
      "session action=disconnect; client_ip=2001:db8::7; detail=Connection closed (in DATA finished)" },
    { "deliver(bob)", "msgid=<a1@example.com>: saved mail to INBOX",
      "filing user=bob; message_id=a1@example.com" },

    /* Cyrus */
    { "cyrus/lmtpunix", "Delivered: <a2@example.com> to mailbox: example.org!user.bob.Junk",
      "filing message_id=a2@example.com; mailbox=example.org!user.bob.Junk; user=bob; action=stored" },
    { "cyrus/lmtpunix",
      "Delivered: sessionid=<mx-1795369875-804-1-147> action=<fileinto> target=<set> "
      "messageid=<a4@example.com> "
      "userid=<bob> mailbox=<user.bob.Junk> uniqueid=<0a1b2c>",
      "filing message_id=a4@example.com; mailbox=user.bob.Junk; user=bob; action=stored" },
    { "lmtp", "Delivered: <a3@example.com> to mailbox: user.bob",
      "filing message_id=a3@example.com; user=bob" },
    { "imaps", "login: h.example.net [192.0.2.50] bob PLAIN+TLS User logged in",
      "session client_ip=192.0.2.50" },
    { "cyrus/lmtp", "dupelim: eliminated duplicate message to user.bob id <a1@example.com> (delivery)",
      "filing action=discarded; reply=duplicate; user=bob" },
    { "cyrus/imap",
      "badlogin: h.example.net [192.0.2.66] plaintext eve SASL(-13): authentication failure: checkpass "
      "failed",
      "session action=auth-failure; client_ip=192.0.2.66; auth_user=eve" },
};

static const struct format *
owner_of(str program)
{
    const struct format *owner = NULL;
    for (size_t i = 0; formats[i]; i++)
        if (formats[i]->owns && formats[i]->owns(program)) {
            ok(owner == NULL, "%.*s has one owner", PRSTR(program));
            owner = formats[i];
        }
    return owner;
}

static bool
is_as_wanted(const struct event *e, const char *want)
{
    struct str_cut kind = str_cut(str_from(want), ' ');
    bool good = str_eq(event_kind_word(e->kind), kind.head);
    if (!good)
        printf("#      kind is %.*s\n", PRSTR(event_kind_word(e->kind)));
    for (str rest = kind.tail; rest.n;) {
        struct str_cut one = str_cut_str(rest, S("; "));
        struct str_cut pair = str_cut(one.head, '=');
        enum event_field f = event_field_from(pair.head);
        if (f == FIELD_COUNT || !str_eq(e->field[f], pair.tail)) {
            good = false;
            printf("#      %.*s is '%.*s'\n", PRSTR(pair.head),
                   PRSTR(f == FIELD_COUNT ? S("no field") : e->field[f]));
        }
        rest = one.tail;
    }
    return good;
}

static void
test_rows(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        str program = str_from(rows[i].program), text = str_trim_right(str_from(rows[i].text));
        struct line line = { .whole = text, .program = program, .text = text, .at = 0 };
        struct event e = { .program = program, .text = text, .at = 0 };
        const struct format *owner = owner_of(program);
        if (!ok(owner != NULL, "%s is owned", rows[i].program))
            continue;
        owner->parse(&line, &e);
        ok(is_as_wanted(&e, rows[i].want), "%s", rows[i].text);
    }
}

static const struct {
    bool (*frame)(str, struct line *, struct civil *, bool *, int *);
    const char *whole, *text;
    int year, pid;
} frames[] = {
    { rspamd_frame, "2026-11-21 22:11:37 #490(rspamd_proxy) <7>; proxy; f: x", "<7>; proxy; f: x", 2026,
      490 },
    { rspamd_frame, "2026-11-21 22:11:37.123456 [info] #490(normal) <7>; task; f: x", "<7>; task; f: x", 2026,
      490 },
    { spamd_frame, "Sat Nov 21 22:11:37 2026 [812] info: spamd: x", "spamd: x", 2026, 812 },
    { dovecot_frame, "Nov 21 22:11:26 lmtp(b@c)<1><s>: Info: x", "lmtp(b@c)<1><s>: Info: x", 0, 0 },
    { dovecot_frame, "2026-11-21 22:11:26 auth: Error: x", "auth: Error: x", 2026, 0 },
    { dovecot_frame, "Nov 21 22:11:26 mx dovecot: auth: Error: x", NULL, 0, 0 },
    { rspamd_frame, "2026-11-21 22:11:37 1xUtIx-00000d-22 <= a@b", NULL, 0, 0 },
    { spamd_frame, "Sat Nov 21 22:11:37 2026", NULL, 0, 0 },
};

static void
test_frames(void)
{
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        struct line line = { .at = WHEN_NONE };
        struct civil civil = { 0 };
        bool zoned = true;
        int offset_s = 0;
        bool framed = frames[i].frame(str_from(frames[i].whole), &line, &civil, &zoned, &offset_s);
        if (frames[i].text == NULL) {
            ok(!framed, "not framed: %s", frames[i].whole);
            continue;
        }
        ok(framed && str_eq(line.text, str_from(frames[i].text)) && civil.year == frames[i].year && !zoned &&
               line.pid == frames[i].pid && civil.day == 21,
           "framed: %s", frames[i].whole);
    }
}

int
main(void)
{
    test_rows();
    test_frames();
    return done_testing();
}
