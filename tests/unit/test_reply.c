/* Replies and their classes: a table anyone can add a row to, the order of deciding, the parts of a
 * reply, hostile texts, and the rules themselves: each row must be able to decide. */
#include "reply.h"

#include <pthread.h>
#include <stdlib.h>

#include "reply_parse.h"
#include "reply_rules.h"
#include "tap.h"

#define R(why, words, ...) { .reason = REASON_##why, .text = words, __VA_ARGS__ },
static const struct sample {
    enum reason reason;
    const char *text, *host;
    enum stage at, stage;
    const char *provider, *rule;
    int retry; /* 1 wanted, -1 not wanted, 0 whatever */
} samples[] = {
#include "reply_samples.def"
};
#define SAMPLES (sizeof samples / sizeof *samples)

static struct reply_class
classify(const struct sample *s)
{
    struct reply_context c = { .text = str_from(s->text), .host = str_from(s->host), .stage = s->at };
    return reply_classify(&c);
}

static bool
same_text(const char *a, const char *b)
{
    return str_eq(str_from(a), str_from(b));
}

static bool
as_wanted(const struct sample *s, const struct reply_class *got)
{
    return got->rule && got->reason == s->reason && (s->stage == 0 || got->stage == s->stage) &&
           (s->provider == NULL || same_text(got->provider, s->provider)) &&
           (s->rule == NULL || same_text(got->rule, s->rule)) &&
           (s->retry == 0 || got->retryable == (s->retry > 0));
}

static void
test_samples(void)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct sample *s = &samples[i];
        struct reply_class got = classify(s);
        if (!ok(as_wanted(s, &got), "%s: %.60s", reason_word(s->reason).p, s->text))
            printf("#      got: %s at %s by %s, provider %s, %s\n", reason_word(got.reason).p,
                   stage_word(got.stage).p, got.rule, got.provider ? got.provider : "none",
                   got.retryable ? "retryable" : "final");
    }
}

/* Where the dialogue stood, told by the context, and what becomes of each reason. */
static void
test_stages(void)
{
    static const struct {
        const char *text;
        enum stage at, want;
    } rows[] = {
        { "552 5.2.2 mailbox full", STAGE_UNKNOWN, STAGE_ENVELOPE },
        { "552 5.2.2 mailbox full", STAGE_ENVELOPE, STAGE_ENVELOPE },
        { "552 5.2.2 mailbox full", STAGE_DATA, STAGE_MAILBOX },
        { "552 5.2.2 mailbox full", STAGE_MAILBOX, STAGE_MAILBOX },
        { "550 5.7.1 rejected by DMARC policy for a.example", STAGE_ENVELOPE, STAGE_AUTHENTICATION },
        { "554 5.7.1 spam detected", STAGE_ENVELOPE, STAGE_CONTENT },
        { "550 5.7.1 client blocked using bl.example", STAGE_UNKNOWN, STAGE_CONTENT },
        { "550 5.7.1 client blocked using bl.example", STAGE_ENVELOPE, STAGE_ENVELOPE },
        { "550 5.7.1 client blocked using bl.example", STAGE_DATA, STAGE_CONTENT },
        { "550 5.7.1 refused", STAGE_DATA, STAGE_CONTENT },
        { "550 5.7.1 refused", STAGE_ENVELOPE, STAGE_ENVELOPE },
        { "550 5.1.1 no such user", STAGE_DATA, STAGE_DATA },
        { "450 4.7.1 Greylisted", STAGE_DATA, STAGE_DATA },
        { "421 too many connections", STAGE_CONNECT, STAGE_CONNECT },
        { "connect to a.example[192.0.2.1]:25: Connection refused", STAGE_ENVELOPE, STAGE_CONNECT },
        { "550 no idea", STAGE_HELO, STAGE_HELO },
        { "550 no idea", STAGE_UNKNOWN, STAGE_UNKNOWN },
        { "550 5.1.1 no such user (in reply to RCPT TO command)", STAGE_DATA, STAGE_ENVELOPE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reply_context c = { .text = str_from(rows[i].text), .stage = rows[i].at };
        enum stage got = reply_classify(&c).stage;
        if (!ok(got == rows[i].want, "stage of \"%s\" at \"%s\"", rows[i].text, stage_word(rows[i].at).p))
            printf("#      got: %s\n", stage_word(got).p);
    }
}

/* Provider before text before enhanced code before basic code. */
static void
test_order(void)
{
    static const struct {
        const char *host, *text, *rule;
    } rows[] = {
        { "gmail-smtp-in.l.google.com", "550 5.7.26 message not wanted", "google.7.26" },
        { "mx.example.org", "550 5.7.26 message not wanted", "enhanced.5.7.26" },
        { "x.mail.protection.outlook.com", "550 5.1.10 go elsewhere", "microsoft.1.10" },
        { "mx.example.org", "550 5.1.10 go elsewhere", "enhanced.5.1.10" },
        { "x.mail.protection.outlook.com", "550 5.7.634 go elsewhere", "microsoft.7.606" },
        { "mx.example.org", "550 5.7.634 go elsewhere", "microsoft.7.606" },
        { "gmail-smtp-in.l.google.com", "550 5.7.634 go elsewhere", "code.550" },
        { "notgoogle.com", "550 5.7.26 message not wanted", "enhanced.5.7.26" },
        { "GMAIL-SMTP-IN.L.GOOGLE.COM.", "550 5.7.26 message not wanted", "google.7.26" },
        { "", "552 5.7.1 xyz", "enhanced.5.7.1" },
        { "", "552 xyz", "code.552" },
        { "", "4.4.1 xyz", "enhanced.4.4.1" },
        { "", "250 2.0.0 Ok: queued as 4F2", "code.250" },
        { "", "xyz", "none" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reply_context c = { .host = str_from(rows[i].host), .text = str_from(rows[i].text) };
        is_str(str_from(reply_classify(&c).rule), rows[i].rule, rows[i].text);
    }
    struct reply_context said = { .text = S("Over there"), .code = 550, .enhanced = S("5.1.6") };
    is_str(str_from(reply_classify(&said).rule), "enhanced.5.1.6", "codes of the context count");
    struct reply_context good = { .text = S("250 2.0.0 Ok: queued as 4F2") };
    ok(reply_classify(&good).reason == REASON_NONE && !reply_classify(&good).retryable,
       "a success has no reason");
}

static void
test_parts(void)
{
    static const struct {
        const char *text, *host;
        int code;
        const char *enhanced;
    } rows[] = {
        { "550 5.1.1 x", "", 550, "5.1.1" },
        { "550-5.1.1 x", "", 550, "5.1.1" },
        { "550-x", "", 550, "" },
        { "550", "", 550, "" },
        { "5.1.1 x", "", 0, "5.1.1" },
        { "smtp; 550 5.1.1 x", "", 550, "5.1.1" },
        { "smtp;550 5.1.1 x", "", 550, "5.1.1" },
        { "553 sorry (#5.7.1)", "", 553, "5.7.1" },
        { "550 #5.1.0 Address rejected.", "", 550, "5.1.0" },
        { "host mx.example.org[192.0.2.1] said: 421 4.7.0 x", "mx.example.org", 421, "4.7.0" },
        { "host mx.example.org[IPv6:2001:db8::1] refused to talk to me: 421 x", "mx.example.org", 421, "" },
        { "after RCPT TO:<a@b.example>: host mx.b.example [192.0.2.1]: 450 4.1.8 x", "mx.b.example", 450,
          "4.1.8" },
        { "Remote_host_said:_550_5.1.1_no", "", 550, "5.1.1" },
        { "connect to mx.example.org[192.0.2.1]:25: Connection refused", "mx.example.org", 0, "" },
        { "lost connection with mx.example.org[192.0.2.1] while sending RCPT TO", "mx.example.org", 0, "" },
        { "conversation with mx.example.org[192.0.2.1] timed out", "mx.example.org", 0, "" },
        { "... while talking to mx.example.org.: no", "mx.example.org.", 0, "" },
        /* not codes */
        { "message size 255 exceeds", "", 0, "" },
        { "connect to h[192.0.2.1]:25: Connection refused", "", 0, "" },
        { "550 4.1.1 classes disagree", "", 550, "4.1.1" },
        { "550 #4.4.7 beside the basic code", "", 550, "4.4.7" },
        { "450 said 5.1.1 classes disagree", "", 450, "" },
        { "550 2.1.5 classes disagree", "", 550, "" },
        { "550 5.7.1.4 is part of an address", "", 550, "" },
        { "550 client 5.6.7.8 refused", "", 550, "" },
        { "620 nothing", "", 0, "" },
        { "5500 nothing", "", 0, "" },
        { "host said", "", 0, "" },
        { "", "", 0, "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reply_context c = { .text = str_from(rows[i].text) };
        struct reply_parts got = reply_split(&c);
        ok(got.code == rows[i].code && str_eq(got.enhanced, str_from(rows[i].enhanced)) &&
               str_eq(got.host, str_from(rows[i].host)),
           "parts of \"%s\"", rows[i].text);
    }
}

static void
test_normal(void)
{
    static const struct {
        const char *in, *want;
    } rows[] = {
        { "550-5.1.1 No  such\tUser 550-5.1.1 here 550 5.1.1 really", "550 5.1.1 no such user here really" },
        { "550-first 550 second", "550 first second" },
        { "550 <Spam@Virus.example>: no", "550 <@>: no" },
        { "550 a@b.example: no", "550 @: no" },
        { "550 one#012550 two", "550 one two" },
        { "550 one\\r\\n550 two", "550 one two" },
        { "Remote_host_said:_550_no", "remote host said: 550 no" },
        { "550 BO\u00ceTE \u00c9. \u041d\u0415\u0422 \u0391",
          "550 bo\u00eete \u00e9. \u043d\u0435\u0442 \u03b1" },
        { "550 keep 5.1.1 # 1 \\ x", "550 keep 5.1.1 # 1 \\ x" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reply_context c = { .text = str_from(rows[i].in) };
        struct reply_parts parts = reply_split(&c);
        char out[REPLY_TEXT_MAX];
        is_str(reply_normal(c.text, &parts, out), rows[i].want, rows[i].in);
    }
}

/* A word is not one in the middle of another, nor in a host's name. */
static void
test_borders(void)
{
    static const struct {
        const char *text;
        enum reason want;
    } rows[] = {
        { "550 this is spam.", REASON_SPAM },
        { "550 refused (spam)", REASON_SPAM },
        { "550 mx1.spam-filter.example says no", REASON_UNDEFINED },
        { "550 spamless says no", REASON_UNDEFINED },
        { "550 <virus@spam.example> says no", REASON_UNDEFINED },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reply_context c = { .text = str_from(rows[i].text) };
        ok(reply_classify(&c).reason == rows[i].want, "%s", rows[i].text);
    }
}

static void
test_hostile(void)
{
    size_t n = 1 << 20;
    char *p = malloc(n);
    if (p == NULL)
        abort();
    static const char fill[] = { '\0', ' ', '@', '<', '#', '\\', '5', '_', '.', (char)0xff, '~' };
    for (size_t i = 0; i < sizeof fill; i++) {
        memset(p, fill[i], n);
        struct reply_context c = { .text = str_of(p, n), .host = str_of(p, n), .enhanced = str_of(p, n) };
        struct reply_class got = reply_classify(&c);
        ok(got.rule != NULL && got.reason == REASON_UNDEFINED, "a million bytes of 0x%02x",
           (unsigned char)fill[i]);
    }
    memset(p, 'x', n);
    memcpy(p, "550 5.1.1 ", 10);
    memcpy(p + n - 14, " no such user ", 14);
    struct reply_context c = { .text = str_of(p, n) };
    ok(reply_classify(&c).reason == REASON_USER_UNKNOWN, "the tail of a long text is read");
    struct reply_context odd = { .code = -7, .text = S("x"), .enhanced = S("9.9.9") };
    is_str(str_from(reply_classify(&odd).rule), "none", "codes out of range are no codes");
    odd.code = 100000;
    is_str(str_from(reply_classify(&odd).rule), "none", "a code too large is no code");
    free(p);
}

/* Text with just what the row asks for must be decided by that row. */
static bool
can_decide(const struct reply_rule *r)
{
    char text[512];
    size_t n = 0;
    const char *parts[] = { r->needle, " ", r->also, r->someone ? " alias" : NULL };
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
        for (const char *p = parts[k]; p && *p; p++)
            if (*p != '~' && n < sizeof text)
                text[n++] = *p;
    struct reply_facts f = { .provider = r->provider, .dialogue = r->at, .someone = r->someone };
    for (const char *p = r->whole ? r->needle : ""; *p; p++)
        f.length += *p != '~';
    for (f.code = r->code ? atoi(r->code) : 0; f.code > 0 && f.code < 100;)
        f.code *= 10;
    if (r->enhanced && sscanf(r->enhanced, "%d.%d.%d", &f.class, &f.subject, &f.detail) == 2) {
        f.detail = f.subject;
        f.subject = f.class;
        f.class = 5;
    }
    struct reply_hits hits;
    reply_rules_scan(str_of(text, n), &hits);
    return reply_rule_find(&hits, &f) == r;
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
test_rules(void)
{
    size_t n = reply_rule_count(), dead = 0, twice = 0;
    const char **ids = calloc(n, sizeof *ids);
    if (ids == NULL)
        abort();
    for (size_t i = 0; i < n; i++) {
        ids[i] = reply_rule_id(i);
        if (!can_decide(reply_rule_at(i))) {
            printf("# never decides: %s\n", ids[i]);
            dead++;
        }
    }
    qsort(ids, n, sizeof *ids, by_text);
    for (size_t i = 1; i < n; i++)
        if (strcmp(ids[i - 1], ids[i]) == 0) {
            printf("# id used twice: %s\n", ids[i]);
            twice++;
        }
    is_int((long long)dead, 0, "no row is hidden by another");
    is_int((long long)twice, 0, "ids are unique");
    free(ids);
}

static void *
classify_all(void *unused)
{
    (void)unused;
    size_t bad = 0;
    for (int round = 0; round < 5; round++)
        for (size_t i = 0; i < SAMPLES; i++) {
            struct reply_class got = classify(&samples[i]);
            bad += !as_wanted(&samples[i], &got);
        }
    return (void *)(uintptr_t)bad;
}

static void
test_threads(void)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    uintptr_t bad = 0;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, classify_all, NULL) != 0)
            abort();
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        bad += (uintptr_t)result;
    }
    is_int((long long)bad, 0, "threads get the same answers, fresh or remembered");
}

int
main(void)
{
    test_threads(); /* first, so that the first use is a race */
    test_samples();
    test_stages();
    test_order();
    test_parts();
    test_normal();
    test_borders();
    test_hostile();
    test_rules();
    return done_testing();
}
