/* The sink of ingest --dry-run: NDJSON. */
#include "ndjson.h"

#include <stdlib.h>

#include "dmarc_json.h"
#include "json.h"
#include "message_json.h"
#include "report_json.h"

enum { FLUSH_AT = 64 << 10 };

struct ndjson {
    struct sink sink; /* first: the sink is the ndjson */
    FILE *out;
    struct buf buf;
    struct json json;
    struct dmarc_json report; /* while in_report: rejects wait in held */
    bool in_report;
    struct buf held;
};

static bool
write_out(struct ndjson *n)
{
    bool good = fwrite(n->buf.p, 1, n->buf.n, n->out) == n->buf.n;
    n->buf.n = 0;
    return good || diag_errno(&n->sink.diag, EXIT_CANNOT_WRITE, "cannot write the result");
}

static bool
end_line(struct ndjson *n)
{
    json_end_object(&n->json);
    buf_char(n->json.out, '\n');
    n->json.comma[0] = false;
    return n->buf.n < FLUSH_AT || write_out(n);
}

static struct json *
begin_line(struct sink *s, const char *kind, struct origin o)
{
    struct ndjson *n = (struct ndjson *)s;
    struct json *j = &n->json;
    json_object(j);
    json_field(j, "kind", str_from(kind));
    json_field(j, "format", str_from(s->format ? s->format : ""));
    json_field(j, "source", s->source);
    json_field_int(j, "offset", (int64_t)o.offset);
    json_field_int(j, "length", (int64_t)o.length);
    return j;
}

static void
assumed(struct json *j, unsigned flags)
{
    if ((flags & (EVENT_YEAR_ASSUMED | EVENT_ZONE_ASSUMED)) == 0)
        return;
    json_key(j, "assumed");
    json_array(j);
    if (flags & EVENT_YEAR_ASSUMED)
        json_str(j, S("year"));
    if (flags & EVENT_ZONE_ASSUMED)
        json_str(j, S("zone"));
    json_end_array(j);
}

static void
number(struct json *j, const char *key, str text)
{
    int64_t v;
    if (str_to_i64(text, &v))
        json_field_int(j, key, v);
}

static void
decimal(struct json *j, const char *key, str text)
{
    double v;
    if (text.n && str_to_double(text, &v)) {
        json_key(j, key);
        json_double(j, v);
    }
}

/* {name, ip, port, helo} where any of them was said. */
static void
peer(struct json *j, const char *key, str name, str ip, str port, str helo)
{
    if (name.n + ip.n + port.n + helo.n == 0)
        return;
    json_key(j, key);
    json_object(j);
    json_some(j, "name", name);
    json_some(j, "ip", ip);
    number(j, "port", port);
    json_some(j, "helo", helo);
    json_end_object(j);
}

static void
tls(struct json *j, const struct event *e)
{
    if (EV(e, TLS_VERSION).n == 0 && EV(e, TLS_CIPHER).n == 0)
        return;
    json_key(j, "tls");
    json_object(j);
    json_some(j, "version", EV(e, TLS_VERSION));
    json_some(j, "cipher", EV(e, TLS_CIPHER));
    json_some(j, "verified", EV(e, TLS_VERIFIED));
    json_end_object(j);
}

static void
mail_from(struct json *j, const struct event *e)
{
    if (EV(e, MAIL_FROM).n || (e->flags & EVENT_HAS_MAIL_FROM))
        json_field(j, "mail_from", EV(e, MAIL_FROM));
}

static void
arrival(struct json *j, const struct event *e)
{
    json_some(j, "queue_id", EV(e, QUEUE_ID));
    json_some(j, "message_id", EV(e, MESSAGE_ID));
    mail_from(j, e);
    number(j, "size", EV(e, SIZE));
    number(j, "recipients", EV(e, NRCPT));
    peer(j, "client", EV(e, CLIENT_NAME), EV(e, CLIENT_IP), EV(e, CLIENT_PORT), EV(e, HELO));
    json_some(j, "auth_user", EV(e, AUTH_USER));
    json_some(j, "protocol", EV(e, PROTOCOL));
    tls(j, e);
    json_some(j, "orig_queue_id", EV(e, ORIG_QUEUE_ID));
    json_some(j, "recipient", EV(e, RECIPIENT));
    json_some(j, "subject", EV(e, SUBJECT));
}

static void
attempt(struct json *j, const struct event *e)
{
    json_some(j, "queue_id", EV(e, QUEUE_ID));
    json_some(j, "message_id", EV(e, MESSAGE_ID));
    json_some(j, "recipient", EV(e, RECIPIENT));
    json_some(j, "orig_recipient", EV(e, ORIG_RECIPIENT));
    peer(j, "relay", EV(e, RELAY_NAME), EV(e, RELAY_IP), EV(e, RELAY_PORT), (str){ 0 });
    json_field(j, "result", attempt_result_word(e->result));
    json_some(j, "enhanced", EV(e, ENHANCED));
    number(j, "code", EV(e, CODE));
    json_some(j, "reply", EV(e, REPLY));
    json_some(j, "next_queue_id", EV(e, NEXT_QUEUE_ID));
    decimal(j, "delay_s", EV(e, DELAY));
    if (EV(e, DELAYS).n) {
        json_key(j, "delay_parts");
        json_array(j);
        for (str rest = EV(e, DELAYS); rest.n;) {
            struct str_cut c = str_cut(rest, '/');
            double v;
            if (str_to_double(c.head, &v))
                json_double(j, v);
            rest = c.tail;
        }
        json_end_array(j);
    }
    tls(j, e);
}

static void
refusal(struct json *j, const struct event *e)
{
    json_some(j, "stage", stage_word(e->stage));
    json_some(j, "action", EV(e, ACTION));
    json_some(j, "queue_id", EV(e, QUEUE_ID));
    json_some(j, "message_id", EV(e, MESSAGE_ID));
    peer(j, "client", EV(e, CLIENT_NAME), EV(e, CLIENT_IP), EV(e, CLIENT_PORT), (str){ 0 });
    json_some(j, "helo", EV(e, HELO));
    mail_from(j, e);
    json_some(j, "recipient", EV(e, RECIPIENT));
    json_some(j, "auth_user", EV(e, AUTH_USER));
    number(j, "code", EV(e, CODE));
    json_some(j, "enhanced", EV(e, ENHANCED));
    json_some(j, "reply", EV(e, REPLY));
}

static void
session(struct json *j, const struct event *e)
{
    str action = EV(e, ACTION);
    json_some(j, "queue_id", EV(e, QUEUE_ID));
    peer(j, "client", EV(e, CLIENT_NAME), EV(e, CLIENT_IP), EV(e, CLIENT_PORT), EV(e, HELO));
    peer(j, "relay", EV(e, RELAY_NAME), EV(e, RELAY_IP), EV(e, RELAY_PORT), (str){ 0 });
    json_some(j, "event", action);
    json_some(j, "auth_user", EV(e, AUTH_USER));
    json_some(j, "session", EV(e, SESSION));
    json_some(j, "phase", EV(e, PHASE));
    tls(j, e);
    json_some(j, "detail", EV(e, REPLY).n ? EV(e, REPLY) : EV(e, DETAIL).n ? EV(e, DETAIL) : e->text);
}

static void
engagement(struct json *j, const struct event *e)
{
    json_some(j, "queue_id", EV(e, QUEUE_ID));
    json_some(j, "message_id", EV(e, MESSAGE_ID));
    json_some(j, "engine", EV(e, ENGINE));
    json_some(j, "recipient", EV(e, RECIPIENT));
    json_some(j, "type", EV(e, ACTION));
    json_some(j, "ip", EV(e, CLIENT_IP));
    json_some(j, "user_agent", EV(e, USER_AGENT));
    json_some(j, "url", EV(e, DETAIL));
    json_some(j, "detail", EV(e, REASON));
}

/* The fields that a kind may have, by name, for the kinds that need no more than that. */
static void
plain(struct json *j, const struct event *e, const enum event_field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++)
        json_some(j, event_field_name(fields[i]).p, e->field[fields[i]]);
}

/* Filters often have no id of a message, but its envelope and client. */
static void
about(struct json *j, const struct event *e)
{
    peer(j, "client", EV(e, CLIENT_NAME), EV(e, CLIENT_IP), EV(e, CLIENT_PORT), EV(e, HELO));
    mail_from(j, e);
    json_some(j, "recipient", EV(e, RECIPIENT));
}

static bool
ndjson_event(struct sink *s, const struct event *e)
{
    static const enum event_field filter[] = { FIELD_QUEUE_ID, FIELD_MESSAGE_ID, FIELD_ENGINE, FIELD_ACTION,
                                               FIELD_SCORE,    FIELD_REQUIRED,   FIELD_TESTS };
    static const enum event_field auth[] = { FIELD_QUEUE_ID, FIELD_MESSAGE_ID, FIELD_ENGINE, FIELD_METHOD,
                                             FIELD_DOMAIN,   FIELD_SELECTOR,   FIELD_RESULT, FIELD_REASON };
    static const enum event_field filing[] = { FIELD_MESSAGE_ID, FIELD_SESSION, FIELD_USER,
                                               FIELD_MAILBOX,    FIELD_ACTION,  FIELD_REPLY };
    struct ndjson *n = (struct ndjson *)s;
    if (e->kind == EVENT_REJECT)
        return true; /* comes as a reject, with its excerpt */
    struct json *j = begin_line(s, event_kind_word(e->kind).p, (struct origin){ e->offset, e->length });
    json_some_when(j, "at", e->at);
    assumed(j, e->flags);
    json_some(j, "host", e->host);
    json_some(j, "program", e->program);
    if (e->pid)
        json_field_int(j, "pid", e->pid);
    switch (e->kind) {
    case EVENT_ARRIVAL: arrival(j, e); break;
    case EVENT_ATTEMPT: attempt(j, e); break;
    case EVENT_REFUSAL: refusal(j, e); break;
    case EVENT_FILTER:
        plain(j, e, filter, sizeof filter / sizeof *filter);
        json_some(j, "verdict", EV(e, RESULT));
        about(j, e);
        json_some(j, "reason", EV(e, REASON));
        json_some(j, "next_queue_id", EV(e, NEXT_QUEUE_ID));
        json_some(j, "quarantine", EV(e, MAILBOX));
        break;
    case EVENT_AUTH:
        plain(j, e, auth, sizeof auth / sizeof *auth);
        about(j, e);
        break;
    case EVENT_FILING:
        plain(j, e, filing, sizeof filing / sizeof *filing);
        mail_from(j, e);
        json_some(j, "recipient", EV(e, RECIPIENT));
        break;
    case EVENT_NOTIFICATION:
        json_some(j, "queue_id", EV(e, QUEUE_ID));
        json_some(j, "new_queue_id", EV(e, NEW_QUEUE_ID));
        json_some(j, "type", EV(e, ACTION));
        break;
    case EVENT_REMOVAL:
        json_some(j, "queue_id", EV(e, QUEUE_ID));
        json_some(j, "action", EV(e, ACTION));
        break;
    case EVENT_SESSION: session(j, e); break;
    case EVENT_ENGAGEMENT: engagement(j, e); break;
    case EVENT_IGNORED: json_field(j, "reason", str_from(e->why)); break;
    default: break;
    }
    return end_line(n);
}

static bool
ndjson_message(struct sink *s, const struct message *m, const struct message_source *from)
{
    struct json *j = begin_line(s, "message", from->origin);
    json_some(j, "folder", from->folder);
    message_json(j, m);
    return end_line((struct ndjson *)s);
}

static bool
ndjson_dmarc_begin(struct sink *s, const struct dmarc_report *r)
{
    struct ndjson *n = (struct ndjson *)s;
    n->in_report = true;
    dmarc_json_begin(&n->report, &n->buf, s->source, r);
    return true;
}

static bool
ndjson_dmarc_record(struct sink *s, const struct dmarc_record *r)
{
    struct ndjson *n = (struct ndjson *)s;
    dmarc_json_record(&n->report, r);
    return n->buf.n < FLUSH_AT || write_out(n);
}

static bool
ndjson_dmarc_end(struct sink *s, const struct dmarc_report *r)
{
    struct ndjson *n = (struct ndjson *)s;
    dmarc_json_end(&n->report, r);
    buf_char(&n->buf, '\n');
    buf_add(&n->buf, buf_str(&n->held));
    n->held.n = 0;
    n->in_report = false;
    return n->buf.n < FLUSH_AT || write_out(n);
}

static bool
ndjson_reputation(struct sink *s, const struct reputation *r)
{
    struct json *j = begin_line(s, "reputation", r->origin);
    json_field(j, "provider", r->provider);
    json_field(j, "subject_kind", r->is_ip ? S("ip") : S("domain"));
    json_field(j, "subject", r->subject);
    json_some(j, "domain", r->domain);
    json_some_when(j, "begin_at", r->begin_at);
    json_some_when(j, "end_at", r->end_at);
    json_some(j, "reputation", r->word);
    json_some_double(j, "spam_rate", r->spam_rate);
    json_some_double(j, "spf_rate", r->spf_rate);
    json_some_double(j, "dkim_rate", r->dkim_rate);
    json_some_double(j, "dmarc_rate", r->dmarc_rate);
    json_some_double(j, "tls_in_rate", r->tls_in_rate);
    json_some_double(j, "tls_out_rate", r->tls_out_rate);
    const struct {
        const char *key;
        int64_t n;
    } counts[] = { { "rcpt_commands", r->rcpt_commands },
                   { "data_commands", r->data_commands },
                   { "recipients", r->recipients },
                   { "trap_hits", r->trap_hits } };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (counts[i].n >= 0)
            json_field_int(j, counts[i].key, counts[i].n);
    json_some(j, "detail", r->detail);
    return end_line((struct ndjson *)s);
}

static bool
ndjson_tls_report(struct sink *s, const struct tls_report *r)
{
    struct ndjson *n = (struct ndjson *)s;
    tls_report_json(&n->json, s->source, r);
    return end_line(n);
}

static bool
ndjson_feedback(struct sink *s, const struct feedback *f)
{
    struct ndjson *n = (struct ndjson *)s;
    feedback_json(&n->json, s->source, f);
    return end_line(n);
}

static bool
ndjson_dsn(struct sink *s, const struct dsn *d)
{
    struct ndjson *n = (struct ndjson *)s;
    dsn_json(&n->json, s->source, d);
    return end_line(n);
}

static bool
ndjson_reject(struct sink *s, const struct reject *r)
{
    struct ndjson *n = (struct ndjson *)s;
    n->json.out = n->in_report ? &n->held : &n->buf;
    struct json *j = begin_line(s, "reject", r->origin);
    json_field(j, "reason", r->reason);
    json_field(j, "excerpt", r->excerpt);
    if (r->line)
        json_field_int(j, "line", (int64_t)r->line);
    bool good = end_line(n);
    n->json.out = &n->buf;
    return good;
}

static const struct sink_ops ndjson_ops = {
    .event = ndjson_event,
    .message = ndjson_message,
    .dmarc_begin = ndjson_dmarc_begin,
    .dmarc_record = ndjson_dmarc_record,
    .dmarc_end = ndjson_dmarc_end,
    .reputation = ndjson_reputation,
    .tls_report = ndjson_tls_report,
    .feedback = ndjson_feedback,
    .dsn = ndjson_dsn,
    .reject = ndjson_reject,
};

struct ndjson *
ndjson_new(FILE *out)
{
    struct ndjson *n = xcalloc(1, sizeof *n);
    n->sink.ops = &ndjson_ops;
    n->out = out;
    n->json.out = &n->buf;
    return n;
}

struct sink *
ndjson_sink(struct ndjson *n)
{
    return &n->sink;
}

bool
ndjson_flush(struct ndjson *n)
{
    if (n->buf.n && !write_out(n))
        return false;
    return fflush(n->out) == 0 || diag_errno(&n->sink.diag, EXIT_CANNOT_WRITE, "cannot write the result");
}

void
ndjson_free(struct ndjson *n)
{
    buf_free(&n->buf);
    buf_free(&n->held);
    free(n);
}
