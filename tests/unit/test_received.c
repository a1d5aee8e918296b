/* Received fields: a row for each MTA's form, and the odd ones. */
#include "received.h"
#include "tap.h"

static struct arena arena;

static const struct {
    const char *what, *in,
        *want; /* "from ip rdns helo ident|by via protocol id for|version cipher user|at" */
} rows[] = {
    { "Postfix",
      "from a.example (b.example [192.0.2.1]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 "
      "bits)\r\n"
      "\t key-exchange X25519) (Authenticated sender: jane)\r\n\tby mx.example (Postfix) with ESMTPSA id "
      "4jX5\r\n"
      "\tfor <u@d.example>; Sat, 21 Nov 2026 22:11:33 +0100 (CET)",
      "a.example 192.0.2.1 b.example  |mx.example  ESMTPSA 4jX5 u@d.example|TLSv1.3 TLS_AES_256_GCM_SHA384 "
      "jane|2026-11-21T21:11:33Z" },
    { "Postfix, from a local user",
      "by h.example (Postfix, from userid 1000) id 318C; Sat, 21 Nov 2026 22:12:05 +0000",
      "    uid 1000|h.example   318C |  |2026-11-21T22:12:05Z" },
    { "Postfix, IPv6",
      "from a (unknown [IPv6:2001:DB8:0::1]) by b (Postfix) with SMTP id 1; Sat, 21 Nov 2026 22:12:05 +0000",
      "a 2001:db8::1   |b  SMTP 1 |  |2026-11-21T22:12:05Z" },
    { "Exim",
      "from a.example ([192.0.2.1] helo=h.example)\n\tby b.example with esmtpsa  (TLS1.3) tls "
      "TLS_AES_256_GCM_SHA384\n"
      "\t(Exim 4.96)\n\t(envelope-from <x@y.example>)\n\tid 1xUt-00\n\tfor u@d.example;\n\tSat, 21 Nov 2026 "
      "17:11:46 -0500",
      "a.example 192.0.2.1  h.example |b.example  ESMTPSA 1xUt-00 u@d.example|TLSv1.3 TLS_AES_256_GCM_SHA384 "
      "|2026-11-21T22:11:46Z" },
    { "Exim before 4.80",
      "from [192.0.2.1] (helo=h port=4711) by b with esmtps (TLSv1:AES256-SHA:256) (Exim 4.69) id 1; Sat, 21 "
      "Nov 2026 17:11:46 +0000",
      "192.0.2.1   h |b  ESMTPS 1 |TLSv1.0 AES256-SHA |2026-11-21T17:11:46Z" },
    { "Sendmail",
      "from a (b.example [192.0.2.1] (may be forged)) by c (8.17.1/8.17.1) with ESMTPS id 6AL\n"
      "\t(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=NO) for <u@d>; Sun, 22 Nov 2026 "
      "03:41:33 +0530",
      "a 192.0.2.1 b.example  |c  ESMTPS 6AL u@d|TLSv1.3 TLS_AES_256_GCM_SHA384 |2026-11-21T22:11:33Z" },
    { "OpenSMTPD",
      "from a (<unknown> [192.0.2.1]) by b (OpenSMTPD) with ESMTPSA id 5db3 "
      "(TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO) auth=yes user=jane for <u@d>; Tue, 7 Apr 2020 01:38:29 -0600 "
      "(MDT)",
      "a 192.0.2.1   |b  ESMTPSA 5db3 u@d|TLSv1.3 TLS_AES_256_GCM_SHA384 jane|2020-04-07T07:38:29Z" },
    { "amavis",
      "from a ([127.0.0.1]) by localhost (a [127.0.0.1]) (amavis, port 10024) with ESMTP id x-y for <u@d>; "
      "Sat, 21 Nov 2026 23:11:48 +0100",
      "a 127.0.0.1   |localhost  ESMTP x-y u@d|  |2026-11-21T22:11:48Z" },
    { "qmail", "from unknown (HELO h.example) (jane@192.0.2.1) by b with SMTP; 1 Nov 2003 07:05:19 -0000",
      "unknown 192.0.2.1  h.example jane@192.0.2.1|b  SMTP  |  |2003-11-01T07:05:19Z" },
    { "qmail's own", "(qmail 27981 invoked by uid 225); 14 Mar 2003 07:24:34 -0000",
      "    uid 225|    |  |2003-03-14T07:24:34Z" },
    { "Exchange",
      "from A.prod.outlook.com (2603:10a6::1) by B.prod.outlook.com (2603:10a6::2) with Microsoft SMTP "
      "Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.1143.11; Thu, 13 Sep "
      "2018 14:47:44 +0000",
      "A.prod.outlook.com 2603:10a6::1   |B.prod.outlook.com  SMTP 15.20.1143.11 |TLSv1.2 "
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 |2018-09-13T14:47:44Z" },
    { "Exchange, inside",
      "from A ([fe80::1%6]) by A ([fe80::1%6]) with mapi id 15.1.225.42; Thu, 13 Sep 2018 14:47:44 +0000",
      "A fe80::1   |A  mapi 15.1.225.42 |  |2018-09-13T14:47:44Z" },
    { "Gmail",
      "from m.example (m.example. [192.0.2.1]) by mx.google.com with ESMTPS id a-1 for <u@gmail.com> "
      "(version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128); Sat, 21 Nov 2026 02:11:46 -0800 (PST)",
      "m.example 192.0.2.1 m.example.  |mx.google.com  ESMTPS a-1 u@gmail.com|TLSv1.3 TLS_AES_128_GCM_SHA256 "
      "|2026-11-21T10:11:46Z" },
    { "Gmail, several recipients",
      "from a by b with SMTP id 1 for <multiple recipients>; Sat, 21 Nov 2026 02:11:46 +0000",
      "a    |b  SMTP 1 |  |2026-11-21T02:11:46Z" },
    { "SendGrid, date without a semicolon",
      "from a (unknown) by b.sendgrid.net (SG) with ESMTP id q-1 Thu, 02 Apr 2020 07:53:55 +0000 (UTC)",
      "a    |b.sendgrid.net  ESMTP q-1 |  |2020-04-02T07:53:55Z" },
    { "SendGrid, Go's date", "by b.sendgrid.net with SMTP id q-1 2018-08-01 13:45:10.5 +0200 UTC m=+1",
      "    |b.sendgrid.net  SMTP q-1 |  |2018-08-01T11:45:10.500000Z" },
    { "Courier",
      "from a (b.example [::ffff:192.0.2.1]) (AUTH: PLAIN jane, TLS: "
      "TLSv1.2,128bits,ECDHE_RSA_AES_128_GCM_SHA256) by c with ESMTPSA; Sat, 21 Nov 2026 02:11:46 +0000",
      "a ::ffff:192.0.2.1 b.example  |c  ESMTPSA  |TLSv1.2 ECDHE_RSA_AES_128_GCM_SHA256 "
      "jane|2026-11-21T02:11:46Z" },
    { "Dovecot LMTP",
      "from a\n\tby a with LMTP\n\tid +PVG/x\n\t(envelope-from <j@d>)\n\tfor <u@d>; Sat, 21 Nov 2026 "
      "23:11:34 +0100",
      "a    |a  LMTP +PVG/x u@d|  |2026-11-21T22:11:34Z" },
    { "a date without a zone", "from a by b; Sun Nov 13 14:50:12 2005",
      "a    |b    |  |2005-11-13T14:50:12Z" },
    { "keywords as names",
      "from by.example by id.example via via.example with with id for; Sat, 21 Nov 2026 02:11:46 +0000",
      "by.example    |id.example via.example   |  |2026-11-21T02:11:46Z" },
    { "a cipher names no protocol",
      "from a (using TLSv1.2 with cipher X-Y) by b with SMTP id 1; Sat, 21 Nov 2026 02:11:46 +0000",
      "a    |b  SMTP 1 |TLSv1.2 X-Y |2026-11-21T02:11:46Z" },
    { "no date", "from a by b", "a    |b    |  |" },
    /* hostile */
    { "open comment", "from a (b (c by d; Sat", "a    |    |  |" },
    { "open brackets", "from [<[<\"( by", "    |    |  |" },
    { "nothing", "", "    |    |  |" },
    { "only marks", ";;;(((<<<[[[", "    |    |  |" },
};

static str
flat(const struct received *r)
{
    return arena_printf(&arena, "%.*s %.*s %.*s %.*s %.*s|%.*s %.*s %.*s %.*s %.*s|%.*s %.*s %.*s|%.*s",
                        PRSTR(r->from_name), PRSTR(r->from_ip), PRSTR(r->from_rdns), PRSTR(r->from_helo),
                        PRSTR(r->from_ident), PRSTR(r->by), PRSTR(r->via), PRSTR(r->protocol), PRSTR(r->id),
                        PRSTR(r->for_address), PRSTR(r->tls_version), PRSTR(r->tls_cipher),
                        PRSTR(r->auth_user), PRSTR(when_format(&arena, r->at)));
}

static const struct {
    const char *in, *want;
} versions[] = { { "TLSv1.3", "TLSv1.3" },
                 { "TLS1_2", "TLSv1.2" },
                 { "TLS-1.0", "TLSv1.0" },
                 { "TLSv1", "TLSv1.0" },
                 { "TLSv1/SSLv3", "TLSv1.0" },
                 { "SSLv3", "SSLv3" },
                 { "TLS1.3", "TLSv1.3" },
                 { "TLS", "" },
                 { "TLS_AES_128", "" },
                 { "TLS13_AES", "" },
                 { "", "" } };

static const struct {
    const char *in, *want;
} addresses[] = { { "192.0.2.1", "192.0.2.1" },
                  { "192.0.2.1:25", "192.0.2.1" },
                  { "IPv6:2001:DB8::0001", "2001:db8::1" },
                  { "fe80::1%eth0", "fe80::1" },
                  { "(192.0.2.1)", "192.0.2.1" },
                  { "15.1.225.420", "" },
                  { "192.0.2.1.25", "" },
                  { "?.?.?.?", "" },
                  { "", "" } };

int
main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct received r;
        received_parse(&arena, str_from(rows[i].in), &r);
        is_str(flat(&r), rows[i].want, rows[i].what);
    }
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        is_str(tls_version_of(&arena, str_from(versions[i].in)), versions[i].want, versions[i].in);
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        is_str(ip_text(&arena, str_from(addresses[i].in)), addresses[i].want, addresses[i].in);
    struct received r;
    received_parse(&arena, S("by a; Sun Nov 13 14:50:12 2005"), &r);
    ok(r.zone_assumed, "a date without a zone is flagged");
    ok(!received_parse(&arena, S("(nothing)"), &r), "what tells nothing is no Received field");
    arena_free(&arena);
    return done_testing();
}
