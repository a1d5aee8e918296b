/* Providers' events: what each sample tells, what of it the tracker makes, and what is refused.
 *
 * A line of "want" is: kind result|type|action recipient code enhanced reply|detail, blanks for what is not said. */
#include "esp.h"

#include "log_sink.h"
#include "source.h"
#include "tap.h"

struct told {
    struct log_sink *log; /* first kept: its ops are taken over */
    struct sink sink;
    struct account account;
    struct arena arena;
    struct event *events;
    size_t n, room;
};

static struct told told;

static bool
keep_event(struct sink *s, const struct event *e)
{
    (void)s;
    struct event c = *e;
    for (int i = 0; i < FIELD_COUNT; i++)
        c.field[i] = arena_copy(&told.arena, c.field[i]);
    c.host = arena_copy(&told.arena, c.host);
    ARENA_PUSH(&told.arena, told.events, told.n, told.room) = c;
    return true;
}

static bool
give_transit(struct sink *s, const struct transit *t)
{
    (void)s;
    return sink_take_transit(&told.log->sink, t);
}

static bool
give_attempt(struct sink *s, const struct attempt *a)
{
    (void)s;
    return sink_take_attempt(&told.log->sink, a);
}

static bool
give_refusal(struct sink *s, const struct refusal *r)
{
    (void)s;
    return sink_take_refusal(&told.log->sink, r);
}

static bool
give_reject(struct sink *s, const struct reject *r)
{
    (void)s;
    return sink_take_reject(&told.log->sink, r);
}

static void
tell(str bytes)
{
    static const struct sink_ops ops = { .event = keep_event,
                                         .transit = give_transit,
                                         .attempt = give_attempt,
                                         .refusal = give_refusal,
                                         .reject = give_reject };
    told = (struct told){ .log = log_sink_new(), .sink = { .ops = &ops } };
    told.account.first_at = told.account.last_at = WHEN_NONE;
    told.sink.account = &told.account;
    struct source s;
    source_open_memory(&s, "events", bytes);
    ok(esp_read(&s, &(struct ingest_options){ .now = WHEN_NONE }, &told.sink), "read to the end");
    is_int((long long)(told.account.recorded + told.account.ignored + told.account.rejected),
           (long long)bytes.n, "  every byte is accounted for");
    source_close(&s);
}

static void
forget(void)
{
    log_sink_free(told.log);
    arena_free(&told.arena);
}

static size_t
count(enum event_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < told.n; i++)
        n += told.events[i].kind == kind;
    return n;
}

/* How many of each kind a sample holds, and what of it becomes records. */
static const struct {
    const char *file;
    size_t arrivals, attempts, refusals, engagements, ignored, transits;
} samples[] = {
    { "sendgrid/webhook.json", 1, 4, 1, 5, 2, 1 },
    { "mailgun/webhook.json", 1, 5, 1, 4, 1, 1 },
    { "mailgun/events-api.json", 1, 3, 0, 0, 0, 1 },
    { "postmark/webhook.ndjson", 0, 5, 1, 5, 3, 1 },
    { "postmark/bounces-api.json", 0, 1, 0, 0, 0, 1 },
    { "ses/events.ndjson", 1, 4, 2, 4, 0, 1 },
    { "ses/sns.ndjson", 0, 2, 0, 1, 1, 1 },
    { "ses/firehose.json", 1, 2, 0, 0, 0, 1 },
    { "ses/lambda.json", 0, 1, 0, 0, 0, 1 },
    { "ses/eventbridge.json", 0, 1, 0, 0, 0, 1 },
    { "sparkpost/webhook.json", 2, 5, 2, 5, 1, 2 },
    { "sparkpost/events-api.json", 1, 3, 0, 0, 0, 1 },
    { "mandrill/webhook.json", 1, 4, 1, 4, 1, 1 },
    { "brevo/webhook.ndjson", 1, 4, 2, 5, 0, 1 },
    { "mailjet/webhook.json", 0, 2, 1, 4, 0, 1 },
    { "resend/webhook.ndjson", 1, 4, 2, 3, 2, 1 },
    { "mailersend/webhook.ndjson", 1, 4, 0, 4, 1, 1 },
    { "smtp2go/webhook.ndjson", 1, 2, 1, 4, 1, 1 },
    { "smtp2go/form.txt", 1, 1, 0, 0, 0, 1 },
    { "mailtrap/webhook.json", 0, 3, 2, 4, 0, 1 },
    { "elasticemail/form.txt", 0, 3, 0, 4, 0, 1 },
    { "elasticemail/webhook.ndjson", 1, 0, 1, 0, 0, 0 },
    { "socketlabs/webhook.ndjson", 1, 3, 0, 4, 1, 1 },
    { "customerio/webhook.ndjson", 1, 4, 1, 4, 3, 1 },
    { "azure/eventgrid.json", 1, 5, 1, 2, 0, 1 },
    { "zeptomail/webhook.ndjson", 0, 3, 0, 3, 0, 1 },
    { "postal/webhook.ndjson", 0, 4, 1, 2, 2, 1 },
    { "mailpace/webhook.ndjson", 1, 3, 1, 0, 0, 1 },
    { "scaleway/webhook.ndjson", 1, 5, 1, 0, 0, 1 },
    { "mailgun/legacy.txt", 0, 4, 0, 1, 0, 1 },
    { "mailgun/bounces-api.json", 0, 1, 0, 0, 0, 1 },
    { "sendgrid/early.json", 1, 1, 0, 1, 0, 1 },
    { "sendgrid/bounces-api.json", 0, 1, 0, 0, 0, 1 },
    { "postmark/early.ndjson", 0, 1, 0, 1, 0, 1 },
    { "postmark/message-api.json", 1, 3, 0, 1, 0, 1 },
    { "mandrill/form.txt", 0, 2, 0, 0, 0, 1 },
    { "brevo/events-api.json", 1, 1, 0, 1, 0, 1 },
    { "sendgrid/activity.csv", 1, 2, 1, 1, 0, 1 },
    { "sendgrid/bounces.csv", 0, 2, 0, 0, 0, 1 },
    { "mailgun/bounces.csv", 0, 1, 0, 0, 0, 1 },
    { "mandrill/activity.csv", 0, 2, 1, 0, 0, 1 },
    { "brevo/logs.csv", 1, 2, 0, 1, 0, 1 },
    { "sparkpost/events.csv", 1, 1, 0, 0, 0, 1 },
};

static void
check_samples(void)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct source s;
        struct diag d = { 0 };
        char path[256];
        snprintf(path, sizeof path, "samples/%s", samples[i].file);
        if (!ok(source_open(&s, path, &d) && source_slurp(&s, 1 << 20, &d), "%s", samples[i].file))
            continue;
        tell(s.window);
        source_close(&s);
        is_int((long long)count(EVENT_ARRIVAL), (long long)samples[i].arrivals, "  arrivals");
        is_int((long long)count(EVENT_ATTEMPT), (long long)samples[i].attempts, "  attempts");
        is_int((long long)count(EVENT_REFUSAL), (long long)samples[i].refusals, "  refusals");
        is_int((long long)count(EVENT_ENGAGEMENT), (long long)samples[i].engagements, "  engagements");
        is_int((long long)count(EVENT_IGNORED), (long long)samples[i].ignored, "  ignored");
        is_int((long long)told.log->nattempts, (long long)samples[i].attempts, "  attempts recorded");
        is_int((long long)told.log->nrefusals, (long long)samples[i].refusals, "  refusals recorded");
        is_int((long long)told.log->nrejects, 0, "  nothing rejected");
        bool born = samples[i].arrivals == 0;
        for (size_t k = 0; k < told.log->ntransits; k++)
            born |= (told.log->transits[k].flags & TRANSIT_BORN) != 0;
        ok(born && told.log->ntransits >= samples[i].transits, "  a message in the provider's queue");
        forget();
    }
}

/* Rows as spreadsheets write them, and such as break the rules. */
static void
check_tables(void)
{
    tell(S("\xef\xbb\xbf\"Status\";Reason;\"Email\";Created\r\n"
           "5.1.1;\"550 no \"\"such\"\" user; gone\";a@example.com;1795254000\r\n"
           ";;;\n"
           "4.2.2;452 full\n"
           "5.0.0;\"never closed;b@example.com;1795254000\n"));
    is_int((long long)told.n, 2, "a table with semicolons");
    is_str(EV(&told.events[0], REPLY), "550 no \"such\" user; gone", "  quotes are taken off");
    is_str(EV(&told.events[0], RECIPIENT), "a@example.com", "  columns in any case");
    is_int((long long)told.events[0].line, 2, "  on its line");
    is_str(EV(&told.events[1], RECIPIENT), "b@example.com", "  a quote that is not closed stands as it is");
    is_int((long long)told.log->nrejects, 2, "  rows that tell nothing are rejected");
    forget();
}

static void
check_joins(void)
{
    tell(S(
        "{\"RecordType\":\"Delivery\",\"MessageID\":\"88-1\",\"Recipient\":\"a@example.com\",\"DeliveredAt\":"
        "\"2026-09-21T14:13:29Z\",\"Details\":\"250 ok\"}\n"));
    is_int((long long)told.log->ntransits, 1, "Postmark: one message");
    is_str(told.log->transits[0].host, "postmark", "  its hop is the provider");
    is_str(told.log->transits[0].queue_id, "88-1", "  its queue id the provider's");
    is_str(told.log->transits[0].message_id, "88-1@mtasv.net", "  the Message-ID that Postmark gives it");
    ok(EV(&told.events[0], MESSAGE_ID).n == 0, "  which is not shown as said");
    forget();
    tell(S("[{\"event\":\"delivered\",\"sg_event_id\":\"1\",\"sg_message_id\":\"x.recvd-a-1\",\"timestamp\":"
           "1790000009,"
           "\"email\":\"a@example.com\",\"response\":\"250 "
           "ok\"},\n{\"event\":\"delivered\",\"sg_event_id\":\"1\","
           "\"sg_message_id\":\"x.recvd-a-1\",\"timestamp\":1790000009,\"email\":\"a@example.com\","
           "\"response\":\"250 ok\"}]"));
    is_int((long long)told.log->nattempts, 1, "an event that comes twice counts once");
    is_str(told.log->attempts[0].relay_host, "", "  and says no more than it does");
    is_str(told.log->transits[0].queue_id, "x", "  SendGrid's id without its machine");
    forget();
}

static void
check_rejects(void)
{
    static const struct {
        const char *what, *in, *why;
    } rows[] = {
        { "another object", "{\"a\":1}", "not a known event" },
        { "an unknown event", "{\"event\":\"teleported\",\"sg_event_id\":\"1\",\"timestamp\":1}",
          "not a known event" },
        { "no time", "{\"event\":\"open\",\"sg_event_id\":\"1\"}", "an event without a time" },
        { "a time that is none", "{\"event\":\"open\",\"sg_event_id\":\"1\",\"timestamp\":\"soon\"}",
          "an event without a time" },
        { "broken JSON", "{\"event\":\"open\",\"sg_event_id\":1,,}", "no JSON" },
        { "a notification that holds none", "{\"TopicArn\":\"t\",\"Message\":\"hello\"}",
          "not a known event" },
        { "envelopes without end", "[[[[[[[[[[{\"event\":\"open\"}]]]]]]]]]]", "not a known event" },
        { "a number", "7", "not a known event" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        tell(str_from(rows[i].in));
        is_int((long long)told.log->nrejects, 1, rows[i].what);
        if (told.log->nrejects)
            is_str(told.log->rejects[0].reason, rows[i].why, "  why");
        forget();
    }
    tell(S("{\"a\":1}\n{\"event\":\"open\",\"sg_event_id\":\"1\",\"timestamp\":1790000000}\n{\"b\":\n"));
    ok(told.log->nrejects == 2 && count(EVENT_ENGAGEMENT) == 1, "bad neighbours cost nothing");
    forget();
    tell(S("{\"items\":[{\"event\":\"open\",\"sg_event_id\":\"1\",\"timestamp\":1790000000},"
           "{\"event\":\"teleported\",\"sg_event_id\":\"2\",\"timestamp\":1790000000},"
           "{\"event\":\"open\",\"sg_event_id\":\"3\"}]}"));
    ok(told.log->nrejects == 1 && count(EVENT_ENGAGEMENT) == 1, "neighbours in one envelope are told of");
    if (told.log->nrejects)
        is_str(told.log->rejects[0].reason, "2 of its events left out, the rest is read: not a known event",
               "  how many, and why");
    forget();
    tell(S("{\"items\":[],\"data\":[1,2],\"payload\":{\"event\":\"open\",\"sg_event_id\":\"1\",\"timestamp\":"
           "1790000000}}"));
    ok(told.log->nrejects == 0, "lists that hold no events are none");
    forget();
}

int
main(void)
{
    check_samples();
    check_tables();
    check_joins();
    check_rejects();
    return done_testing();
}
