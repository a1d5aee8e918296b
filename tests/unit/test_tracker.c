/* Events in, records out: what belongs to one message, and how much is kept while reading. */
#include <math.h>
#include <sys/resource.h>

#include "log_sink.h"
#include "source.h"
#include "tap.h"
#include "tracker.h"

#include "lines.h"

/* Postfix lines, one "seconds tag text" each, as one log of host mx. */
static struct log_sink *
read_lines(const char *text)
{
    struct log_sink *s = log_sink_new();
    struct source source;
    struct ingest_options o = { .now = when_now(), .stored_at = WHEN_NONE };
    source_open_memory(&source, "test", str_from(text));
    if (!lines_read(&source, &o, format_find(S("postfix")), &s->sink, (struct lines_from){ 0 }, NULL) ||
        s->nrejects)
        ok(false, "the lines are read: %.*s", PRSTR(s->nrejects ? s->rejects[0].excerpt : S("")));
    source_close(&source);
    return s;
}

#define AT(clock) "2026-03-02T10:" clock "+00:00 mx postfix/"
#define ARRIVE(clock, pid, id, mid)                                                              \
    AT(clock)                                                                                    \
    "smtpd[" pid "]: " id                                                                        \
    ": client=c.example[192.0.2.9]\n" AT(clock) "cleanup[7]: " id ": message-id=<" mid ">\n" AT( \
        clock) "qmgr[8]: " id ": from=<s@x>, size=900, nrcpt=1 (queue active)\n"
#define TRY(clock, pid, id, rcpt, status, reply)                            \
    AT(clock)                                                               \
    "smtp[" pid "]: " id ": to=<" rcpt ">, relay=r.example[192.0.2.1]:25, " \
    "delay=1, delays=0.1/0/0.2/0.7, dsn=2.0.0, status=" status " (" reply ")\n"
#define REMOVE(clock, id) AT(clock) "qmgr[8]: " id ": removed\n"

static const struct transit *
transit_of(const struct log_sink *s, const char *message_id)
{
    const struct transit *last = NULL;
    for (size_t i = 0; i < s->ntransits; i++)
        if (str_eq(s->transits[i].message_id, str_from(message_id)))
            last = &s->transits[i];
    return last;
}

static void
test_simple(void)
{
    struct log_sink *s = read_lines(
        ARRIVE("00:01.0", "5", "3F1A2", "m1@x") TRY("00:02.0", "6", "3F1A2", "a@y", "deferred", "450 later")
            TRY("00:03.0", "6", "3F1A2", "b@y", "sent", "250 2.0.0 Ok: queued as AB12C")
                TRY("05:00.0", "6", "3F1A2", "a@y", "sent", "250 ok") REMOVE("05:01.0", "3F1A2"));
    is_int((long long)s->ntransits, 1, "one transit");
    is_int((long long)s->nattempts, 3, "an attempt for each try and recipient");
    const struct transit *t = &s->transits[0];
    ok(t->flags == (TRANSIT_BORN | TRANSIT_ACTIVE | TRANSIT_REMOVED), "born, active, removed (%x)", t->flags);
    ok(t->size == 900 && t->nrcpt == 1 && t->removed_at - t->born_at == 300 * WHEN_SECOND, "its numbers");
    is_str(t->client_ip, "192.0.2.9", "its client");
    is_str(s->attempts[1].next_queue_id, "AB12C", "the id a receiver gave");
    ok(s->attempts[0].transit_id == t->transit_id && s->attempts[0].message_key == t->message_key,
       "attempts carry the keys of their transit");
    ok(s->attempts[0].attempt_id != s->attempts[2].attempt_id, "each attempt has an id of its own");
    log_sink_free(s);
}

static void
test_keys(void)
{
    struct log_sink *s =
        read_lines(ARRIVE("00:01.0", "5", "3F1A2", "") ARRIVE("00:02.0", "5", "3F1A3", "")
                       ARRIVE("00:03.0", "5", "3F1A4", "same@x") ARRIVE("00:04.0", "5", "3F1A5", "same@x"));
    is_int((long long)s->ntransits, 4, "four messages");
    ok(s->transits[0].message_key != s->transits[1].message_key, "without a Message-ID keys differ");
    ok(s->transits[0].message_key == s->transits[0].transit_id, "and are the transit's own");
    ok(s->transits[2].message_key == s->transits[3].message_key, "one Message-ID, one key");
    log_sink_free(s);
}

static void
test_reuse(void)
{
    struct log_sink *s = read_lines(
        ARRIVE("00:01.0", "5", "3F1A2", "m1@x") TRY("00:01.1", "6", "3F1A2", "a@y", "sent", "250 ok")
            REMOVE("00:01.2", "3F1A2") ARRIVE("00:02.0", "5", "3F1A2", "m2@x")
                TRY("00:02.1", "6", "3F1A2", "b@y", "sent", "250 ok") REMOVE("00:02.2", "3F1A2"));
    is_int((long long)s->ntransits, 2, "an id given again a second later: two transits");
    const struct transit *m1 = transit_of(s, "m1@x"), *m2 = transit_of(s, "m2@x");
    ok(m1 && m2 && m1->transit_id != m2->transit_id && s->attempts[0].message_key == m1->message_key &&
           s->attempts[1].message_key == m2->message_key,
       "each attempt with its own message");
    log_sink_free(s);

    s = read_lines(ARRIVE("00:01.0", "5", "3F1A2", "m1@x")
                       TRY("00:01.1", "6", "3F1A2", "a@y", "bounced", "550 no") REMOVE("00:01.2", "3F1A2")
                   /* the same id, now for a bounce, which no line announces */
                   ARRIVE("00:02.0", "5", "4F1A2", "m3@x")
                       TRY("00:02.1", "6", "4F1A2", "z@y", "bounced", "550 no")
                           AT("00:02.2") "cleanup[7]: 3F1A2: message-id=<bounce@mx>\n" AT(
                               "00:02.2") "bounce[9]: 4F1A2: "
                                          "sender non-delivery "
                                          "notification: "
                                          "3F1A2\n" AT("00:02.3") "qmgr[8]"
                                                                  ": "
                                                                  "3F1A2: "
                                                                  "from=<>"
                                                                  ", "
                                                                  "size="
                                                                  "90, "
                                                                  "nrcpt="
                                                                  "1 "
                                                                  "(queue "
                                                                  "active)"
                                                                  "\n" REMOVE("00:02.4", "4F1A2"));
    const struct transit *first = transit_of(s, "m1@x"), *bounce = transit_of(s, "bounce@mx");
    ok(first && bounce && first->transit_id != bounce->transit_id, "an id given again to a bounce");
    ok(first && !(first->flags & TRANSIT_BOUNCE) && str_eq(first->mail_from, S("s@x")),
       "the message that had it before stays as it was");
    ok(bounce && (bounce->flags & TRANSIT_BOUNCE) && (bounce->flags & TRANSIT_BORN) &&
           (bounce->flags & TRANSIT_NULL_SENDER) && !(bounce->flags & TRANSIT_REMOVED),
       "the bounce is born, from nobody, and still there");
    is_int((long long)s->nnotices, 1, "one notification");
    ok(bounce && first && s->nnotices == 1 && str_eq(s->notices[0].new_queue_id, S("3F1A2")) &&
           s->notices[0].message_key == transit_of(s, "m3@x")->message_key,
       "about the right message");
    log_sink_free(s);

    s = read_lines(ARRIVE("00:01.0", "5", "3F1A2", "m1@x") REMOVE("00:01.2", "3F1A2")
                       AT("00:02.0") "bounce[9]: 4F1A2: sender non-delivery notification: 3F1A2\n" AT(
                           "00:02.1") "cleanup[7]: 3F1A2: message-id=<bounce@mx>\n");
    first = transit_of(s, "m1@x"), bounce = transit_of(s, "bounce@mx");
    ok(first && bounce && first->transit_id != bounce->transit_id && (bounce->flags & TRANSIT_BOUNCE) &&
           !(first->flags & TRANSIT_BOUNCE),
       "the same where the notification is logged first (3.11)");
    log_sink_free(s);
}

static void
test_sessions(void)
{
    struct log_sink *s =
        read_lines(AT("00:00.1") "smtpd[5]: connect from c.example[192.0.2.9]\n" AT(
            "00:00.2") "smtpd[5]: Anonymous TLS connection established from c.example[192.0.2.9]: TLSv1.3 "
                       "with cipher "
                       "TLS_AES_256_GCM_SHA384 (256/256 bits)\n" AT(
                           "00:00.2") "smtpd[6]: connect from d.example[192.0.2.10]\n" ARRIVE("00:01.0", "5",
                                                                                              "3F1A2", "m1@x")
                           ARRIVE("00:01.5", "5", "3F1A3", "m2@x")
                               AT("00:01.6") "smtpd[6]: 3F1A4: client=d.example[192.0.2.10]\n" AT("00:01.7") "cleanup[7]: 3F1A4: message-id=<m3@x>\n" AT(
                                   "00:01.8") "smtp[9]: Verified TLS connection established to "
                                              "r.example[192.0.2.1]:25: TLSv1.2 with cipher "
                                              "ECDHE (256/256 bits)\n" TRY("00:02.0", "9", "3F1A2", "a@y",
                                                                           "sent", "250 ok")
                                                  TRY("00:02.0", "10", "3F1A3", "a@y", "sent", "250 ok")
                                                      AT("00:03.0") "smtpd[6]: lost connection after DATA "
                                                                    "(12345 bytes) from "
                                                                    "d.example[192.0.2.10]\n" AT(
                                                                        "00:03.1") "smtpd[6]: disconnect "
                                                                                   "from "
                                                                                   "d.example[192.0.2.10]"
                                                                                   "\n" AT("00:03.2") "smtpd["
                                                                                                      "5]: "
                                                                                                      "lost "
                                                                                                      "connec"
                                                                                                      "tion "
                                                                                                      "after "
                                                                                                      "END-"
                                                                                                      "OF-"
                                                                                                      "MESSAG"
                                                                                                      "E "
                                                                                                      "from "
                                                                                                      "c."
                                                                                                      "exampl"
                                                                                                      "e[192."
                                                                                                      "0.2.9]"
                                                                                                      "\n");
    is_str(transit_of(s, "m1@x")->tls_version, "TLSv1.3", "TLS of a session by its process");
    is_str(transit_of(s, "m2@x")->tls_version, "TLSv1.3", "for its second message too");
    is_str(transit_of(s, "m3@x")->tls_version, "", "and for no other's");
    is_str(s->attempts[0].tls_version, "TLSv1.2", "TLS of a delivery by its process");
    is_str(s->attempts[1].tls_version, "", "and for no other's");
    ok(transit_of(s, "m3@x")->flags & TRANSIT_LOST, "a client that broke off inside DATA");
    ok(!(transit_of(s, "m2@x")->flags & TRANSIT_LOST), "one that left after the end had handed it over");
    is_int((long long)s->nrefusals, 1, "told once");
    log_sink_free(s);

    s = read_lines(AT("00:01.0") "smtpd[6]: 3F1A4: client=d.example[192.0.2.10]\n" AT(
        "00:02.0") "smtpd[6]: 3F1A4: reject: RCPT from d.example[192.0.2.10]: 550 5.1.1 <n@y>: "
                   "unknown; from=<s@x> to=<n@y> proto=ESMTP helo=<d>\n" AT(
                       "00:02.5") "smtpd[6]: NOQUEUE: reject: RCPT from d.example[192.0.2.10]: 450 "
                                  "4.7.1 <n@y>: "
                                  "greylisted; from=<> to=<n@y> proto=ESMTP helo=<d>\n" AT(
                                      "00:02.5") "smtpd[6]: NOQUEUE: reject: RCPT from "
                                                 "d.example[192.0.2.10]: 450 4.7.1 <n@y>: "
                                                 "greylisted; from=<> to=<n@y> proto=ESMTP "
                                                 "helo=<d>\n" AT("00:03.0") "cleanup[7]: 3F1A4: "
                                                                            "message-id=<m3@x>\n" AT(
                                                                                "00:03.1") "cleanup["
                                                                                           "7]: "
                                                                                           "3F1A4: "
                                                                                           "milter-"
                                                                                           "reject: "
                                                                                           "END-OF-"
                                                                                           "MESSAGE "
                                                                                           "from "
                                                                                           "d."
                                                                                           "example["
                                                                                           "192.0.2."
                                                                                           "10]: "
                                                                                           "5.7.1 "
                                                                                           "no; "
                                                                                           "from=<s@"
                                                                                           "x> "
                                                                                           "to=<k@y> "
                                                                                           "proto="
                                                                                           "ESMTP "
                                                                                           "helo=<d>"
                                                                                           "\n");
    is_int((long long)s->nrefusals, 4, "refusals, the same one said twice included");
    ok(s->refusals[1].refusal_id != s->refusals[2].refusal_id, "with ids that differ");
    ok(s->refusals[1].has_mail_from && s->refusals[1].mail_from.n == 0, "the null sender is a sender");
    ok(s->ntransits == 1 && (s->transits[0].flags & TRANSIT_REFUSED), "the message was refused in the end");
    ok(s->refusals[3].message_key == s->transits[0].message_key, "the refusal knows its message");
    log_sink_free(s);
}

static void
test_parts(void)
{
    struct log_sink *s = log_sink_new();
    struct tracker *tr = tracker_new(&s->sink);
    struct event e = {
        .kind = EVENT_ARRIVAL, .flags = EVENT_BIRTH, .at = 1000 * WHEN_SECOND, .host = S("mx")
    };
    EV(&e, QUEUE_ID) = S("3F1A2");
    tracker_event(tr, &e);
    tracker_flush(tr, false);
    is_int((long long)s->ntransits, 1, "a flush hands out what is open");
    tracker_flush(tr, false);
    is_int((long long)s->ntransits, 1, "once");
    e.flags = 0;
    EV(&e, MESSAGE_ID) = S("m1@x");
    tracker_event(tr, &e);
    tracker_flush(tr, true);
    is_int((long long)s->ntransits, 2, "and again what is new about it");
    ok(s->transits[0].transit_id == s->transits[1].transit_id, "under the same id");
    e.kind = EVENT_ATTEMPT;
    e.result = RESULT_DEFERRED;
    EV(&e, RECIPIENT) = S("r@y");
    tracker_mute(tr, true);
    tracker_event(tr, &e);
    tracker_flush(tr, false);
    tracker_mute(tr, false);
    tracker_flush(tr, true);
    ok(s->ntransits == 2 && s->nattempts == 0, "muted, nothing is handed out, not even later");
    tracker_free(tr);
    log_sink_free(s);

    s = log_sink_new();
    tr = tracker_new(&s->sink);
    for (int i = 0; i < 1000; i++) {
        char rcpt[32];
        snprintf(rcpt, sizeof rcpt, "r%d@y", i);
        EV(&e, RECIPIENT) = str_from(rcpt);
        e.offset += 100;
        e.length = 100;
        tracker_event(tr, &e);
    }
    tracker_flush(tr, true);
    is_int((long long)s->nattempts, 1000, "a thousand recipients");
    is_int((long long)s->ntransits, 4, "in four parts");
    ok(s->transits[0].transit_id == s->transits[3].transit_id, "of one transit");
    tracker_free(tr);
    log_sink_free(s);
}

static size_t told, going_on; /* connections, and those of them in the middle of a source */

static bool
count_edge(struct sink *sink, const struct session_edge *e)
{
    (void)sink;
    told += !e->wanted;
    going_on += e->going_on;
    return true;
}

static void
test_hand_out(void)
{
    struct log_sink *s = log_sink_new();
    struct sink_ops ops = *s->sink.ops;
    ops.edge = count_edge;
    s->sink.ops = &ops;
    struct tracker *tr = tracker_new(&s->sink);
    struct event e = {
        .kind = EVENT_SESSION, .flags = EVENT_TLS, .at = 1000 * WHEN_SECOND, .host = S("mx"), .pid = 7
    };
    EV(&e, CLIENT_IP) = S("192.0.2.9");
    EV(&e, TLS_VERSION) = S("TLSv1.3");
    tracker_event(tr, &e);
    e = (struct event){
        .kind = EVENT_ARRIVAL, .flags = EVENT_BIRTH, .at = 1001 * WHEN_SECOND, .host = S("mx"), .pid = 7
    };
    EV(&e, QUEUE_ID) = S("3F1A2");
    tracker_event(tr, &e);
    tracker_hand_out(tr);
    ok(s->ntransits == 1 && (s->transits[0].flags & TRANSIT_BORN), "a commit has what is young");
    ok(told == 1 && going_on == 1, "and the connections");
    e.kind = EVENT_REFUSAL;
    e.flags = EVENT_AWAITS;
    e.at += 5 * WHEN_SECOND;
    tracker_event(tr, &e);
    tracker_hand_out(tr);
    ok(s->nrefusals == 0 && told == 1, "not those that wait for their sender, and no connection again");
    tracker_flush(tr, true);
    ok(s->nrefusals == 1 && told == 2 && going_on == 1, "the end has all");
    tracker_free(tr);
    log_sink_free(s);
}

#ifdef __SANITIZE_ADDRESS__                     /* keeps what was freed for a while */
enum { SLACK = 7, QUARANTINE_KIB = 256 << 10 }; /* what is freed stays a while */
#else
enum { SLACK = 3, QUARANTINE_KIB = 0 };
#endif

static long
resident_kib(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

static void
test_bounds(void)
{
    enum { MESSAGES = 100000, HOGS = 2000, TRIES = 200 };
    struct log_sink *s = log_sink_new();
    struct tracker *tr = tracker_new(&s->sink);
    s->count_only = true;
    char id[16], text[3000];
    memset(text, 'x', sizeof text);
    for (int i = 0; i < MESSAGES; i++) { /* none of them is ever removed */
        struct event e = {
            .kind = EVENT_ARRIVAL, .flags = EVENT_BIRTH, .at = (1000 + i / 100) * WHEN_SECOND, .host = S("mx")
        };
        snprintf(id, sizeof id, "%X", 0x100000 + i);
        EV(&e, QUEUE_ID) = str_from(id);
        EV(&e, MESSAGE_ID) = str_of(text, 60);
        tracker_event(tr, &e);
    }
    is_int((long long)s->ntransits, MESSAGES - TRACKER_MAX_OPEN,
           "100,000 open messages: the oldest are handed out");
    tracker_flush(tr, true);
    is_int((long long)s->ntransits, MESSAGES, "and every one in the end");
    tracker_free(tr);

    long before = resident_kib();
    s->ntransits = s->nattempts = 0;
    tr = tracker_new(&s->sink);
    for (int k = 0; k < TRIES; k++)
        for (int i = 0; i < HOGS; i++) { /* a queue full of deferred mail, long replies */
            struct event e = { .kind = EVENT_ATTEMPT, .at = (1000 + k) * WHEN_SECOND, .host = S("mx") };
            snprintf(id, sizeof id, "%X", 0x100000 + i);
            EV(&e, QUEUE_ID) = str_from(id);
            EV(&e, RECIPIENT) = S("r@y");
            EV(&e, REPLY) = str_of(text, sizeof text);
            e.result = RESULT_DEFERRED;
            tracker_event(tr, &e);
        }
    tracker_flush(tr, true);
    is_int((long long)s->nattempts, HOGS * TRIES, "400,000 attempts with 1.2 GB of replies");
    long grew = resident_kib() - before;
    ok(grew < (TRACKER_MAX_BYTES >> 10) * SLACK / 2 + QUARANTINE_KIB, "in bounded memory (%ld KiB)", grew);
    tracker_free(tr);
    log_sink_free(s);
}

/* HOLD and DISCARD at RCPT are logged before the queue id; the same process opens the queue file next. */
static void
test_parked(void)
{
    static const char said[] = ": RCPT from c.example[192.0.2.9]: <a@y>: triggers; from=<s@x> to=<a@y> "
                               "proto=ESMTP helo=<c>\n";
    char text[2048];
    snprintf(
        text, sizeof text,
        AT("00:01.0") "smtpd[5]: NOQUEUE: hold%s" AT(
            "00:01.1") "smtpd[5]: 3F1A2: "
                       "client=c.example[192.0.2.9]\n" AT(
                           "00:01.2") "cleanup[7]: 3F1A2: "
                                      "message-id=<held@x>\n" AT("00:02.0") "smtpd[6]: NOQUEUE: "
                                                                            "discard%s" AT("00:02.1") "smt"
                                                                                                      "pd["
                                                                                                      "7]:"
                                                                                                      " 3F"
                                                                                                      "1A3"
                                                                                                      ": "
                                                                                                      "cli"
                                                                                                      "ent"
                                                                                                      "=c."
                                                                                                      "exa"
                                                                                                      "mpl"
                                                                                                      "e["
                                                                                                      "192"
                                                                                                      ".0."
                                                                                                      "2."
                                                                                                      "9]"
                                                                                                      "\n",
        said, said);
    struct log_sink *s = read_lines(text);
    const struct transit *t = transit_of(s, "held@x");
    ok(t && (t->flags & TRANSIT_HELD), "the message is held");
    is_int((long long)s->nrefusals, 2, "both lines are told");
    for (size_t i = 0; i < s->nrefusals; i++) {
        const struct refusal *r = &s->refusals[i];
        bool hold = str_eq(r->action, S("hold"));
        is_str(r->queue_id, hold ? "3F1A2" : "", "its queue id, where the process gave one");
        ok(!hold || (t && r->message_key == t->message_key), "it is the message's");
    }
    log_sink_free(s);
}

/* Sendmail finds that aliases go round before it tries anybody: the notice alone says so. */
static void
test_returned(void)
{
    static const char text[] =
        "2026-03-02T10:00:01+00:00 mx sm-mta[7]: 6AMEP6Js032706: from=<s@x>, size=139, class=0, nrcpts=1, "
        "msgid=<loop@x>, proto=ESMTP, daemon=MTA, relay=c.example [192.0.2.9]\n"
        "2026-03-02T10:00:02+00:00 mx sm-mta[8]: 6AMEP6Js032706: 6AMEP6Js032721: DSN: aliasing/forwarding "
        "loop broken\n"
        "2026-03-02T10:00:03+00:00 mx sm-mta[9]: 6AMEP6Js032799: to=<a@y>, delay=00:00:00, mailer=local, "
        "pri=1, dsn=5.1.1, stat=User unknown\n"
        "2026-03-02T10:00:03+00:00 mx sm-mta[9]: 6AMEP6Js032799: 6AMEP6Js032800: DSN: User unknown\n";
    struct log_sink *s = log_sink_new();
    struct source source;
    struct ingest_options o = { .now = when_now(), .stored_at = WHEN_NONE };
    source_open_memory(&source, "test", str_from(text));
    ok(lines_read(&source, &o, format_find(S("sendmail")), &s->sink, (struct lines_from){ 0 }, NULL), "read");
    source_close(&source);
    is_int((long long)s->nattempts, 2, "one bounce each, told once");
    for (size_t i = 0; i < s->nattempts; i++)
        ok(s->attempts[i].result == RESULT_BOUNCED, "bounced: %.*s", PRSTR(s->attempts[i].reply));
    log_sink_free(s);
}

/* What a system filter does is about all recipients: the arrival named them. */
static void
test_named(void)
{
    static const char text[] =
        "2024-07-03 00:00:10 1sOlXm-00005K-1a <= s@x H=c [192.0.2.9] P=esmtp S=700 id=f1@x for a@y b@y\n"
        "2024-07-03 00:00:10 1sOlXm-00005K-1a cancelled by system filter: no\n"
        "2024-07-03 00:00:10 1sOlXm-00005K-1a Completed\n"
        "2024-07-03 00:00:11 1sOlXn-00005K-1b <= s@x H=c [192.0.2.9] P=esmtp S=700 id=f2@x for a@y\n"
        "2024-07-03 00:00:11 1sOlXn-00005K-1b => discarded (system filter)\n"
        "2024-07-03 00:00:11 1sOlXn-00005K-1b Completed\n"
        "2024-07-03 00:00:12 1sOlXo-00005K-1c <= s@x H=c [192.0.2.9] P=esmtp S=700 id=f3@x for a@y\n"
        "2024-07-03 00:00:12 1sOlXo-00005K-1c frozen by ACL\n"
        "2024-07-03 00:00:13 1sOlXo-00005K-1c Message is frozen\n";
    static const enum attempt_result want[] = { RESULT_BOUNCED, RESULT_BOUNCED, RESULT_DISCARDED,
                                                RESULT_DEFERRED };
    struct log_sink *s = log_sink_new();
    struct source source;
    struct ingest_options o = { .now = when_now(), .stored_at = WHEN_NONE };
    source_open_memory(&source, "test", str_from(text));
    ok(lines_read(&source, &o, format_find(S("exim")), &s->sink, (struct lines_from){ 0 }, NULL), "read");
    source_close(&source);
    is_int((long long)s->nattempts, 4, "one for each recipient");
    size_t found[RESULT_DISCARDED + 1] = { 0 };
    for (size_t i = 0; i < s->nattempts; i++) {
        ok(str_ends(s->attempts[i].recipient, S("@y")), "its recipient");
        found[s->attempts[i].result]++;
    }
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        ok(found[want[i]] == (want[i] == RESULT_BOUNCED ? 2 : 1), "what the filter did (%d)", (int)want[i]);
    is_int((long long)s->nrefusals, 0, "nothing was refused in a dialogue");
    log_sink_free(s);
}

int
main(void)
{
    test_simple();
    test_keys();
    test_reuse();
    test_sessions();
    test_parts();
    test_hand_out();
    test_bounds();
    test_parked();
    test_named();
    test_returned();
    return done_testing();
}
