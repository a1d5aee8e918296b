/* The sink of databases: what logs tell, and messages, as COPY rows.  Reports are load_dmarc.c's and load_reports.c's.
 *
 * Each function writes the columns of load_tables.h in their order. */
#include <math.h>

#include "crypto.h"
#include "hash.h"
#include "load_impl.h"

void
load_put_origin(struct buf *b, const struct load *l, struct origin o)
{
    pgcopy_int8(b, l->source_id);
    pgcopy_int8(b, (int64_t)o.offset);
    pgcopy_int8(b, (int64_t)o.length);
}

void
load_put_code(struct buf *b, int code)
{
    pgcopy_int2_if(b, code > 0, (int16_t)code);
}

void
load_put_class(struct buf *b, const struct reply_class *c)
{
    pgcopy_some(b, stage_word(c->stage));
    pgcopy_some(b, reason_word(c->reason));
    pgcopy_some(b, str_from(c->provider));
    pgcopy_some(b, str_from(c->rule));
}

bool
load_taken(struct load *l)
{
    if (!writer_failed(l->writer))
        return true;
    return writer_sync(l->writer, &l->sink.diag);
}

static bool
load_transit(struct sink *sink, const struct transit *t)
{
    struct load *l = (struct load *)sink;
    struct buf *b = writer_row(l->writer, LOAD_TRANSIT, t->at);
    pgcopy_int8(b, (int64_t)t->transit_id);
    pgcopy_int8(b, (int64_t)t->message_key);
    pgcopy_when(b, t->at);
    pgcopy_when(b, t->born_at);
    pgcopy_when(b, t->active_at);
    pgcopy_when(b, t->removed_at);
    pgcopy_some(b, t->host);
    pgcopy_text(b, pgcopy_cut(t->queue_id));
    pgcopy_some(b, t->program);
    pgcopy_some(b, t->message_id);
    if (t->has_mail_from)
        pgcopy_text(b, t->mail_from);
    else
        pgcopy_null(b);
    pgcopy_int8_if(b, t->size >= 0, t->size);
    pgcopy_int4_if(b, t->nrcpt >= 0, (int32_t)(t->nrcpt < INT32_MAX ? t->nrcpt : INT32_MAX));
    pgcopy_some(b, t->client_name);
    pgcopy_inet(b, t->client_ip);
    pgcopy_some(b, t->helo);
    pgcopy_some(b, t->auth_user);
    pgcopy_some(b, t->protocol);
    pgcopy_some(b, t->tls_version);
    pgcopy_some(b, t->tls_cipher);
    pgcopy_some(b, t->orig_queue_id);
    pgcopy_int4(b, (int32_t)t->flags);
    load_put_origin(b, l, t->origin);
    pgcopy_bytes(b, t->lines);
    pgcopy_int8(b, l->load_id);
    l->totals.transits++;
    return true;
}

static bool
load_attempt(struct sink *sink, const struct attempt *a)
{
    struct load *l = (struct load *)sink;
    struct buf *b = writer_row(l->writer, LOAD_ATTEMPT, a->at);
    pgcopy_int8(b, (int64_t)a->attempt_id);
    pgcopy_int8(b, (int64_t)a->transit_id);
    pgcopy_int8(b, (int64_t)a->message_key);
    pgcopy_when(b, a->at);
    pgcopy_some(b, a->recipient);
    pgcopy_some(b, a->orig_recipient);
    pgcopy_some(b, a->relay_host);
    pgcopy_inet(b, a->relay_ip);
    pgcopy_int4_if(b, a->relay_port, a->relay_port);
    pgcopy_text(b, attempt_result_word(a->result));
    pgcopy_bool(b, a->local);
    load_put_code(b, a->code);
    pgcopy_some(b, a->enhanced);
    pgcopy_some(b, a->reply);
    pgcopy_key(b, a->next_queue_id);
    pgcopy_float8(b, a->delay_s);
    for (int i = 0; i < 4; i++)
        pgcopy_float4(b, a->delays[i]);
    pgcopy_some(b, a->tls_version);
    pgcopy_some(b, a->tls_cipher);
    load_put_class(b, &a->class);
    load_put_origin(b, l, a->origin);
    pgcopy_int8(b, l->load_id);
    l->totals.attempts++;
    return (l->totals.attempts & 1023) != 0 || load_taken(l);
}

static bool
load_refusal(struct sink *sink, const struct refusal *r)
{
    struct load *l = (struct load *)sink;
    struct buf *b = writer_row(l->writer, LOAD_REFUSAL, r->at);
    pgcopy_int8(b, (int64_t)r->refusal_id);
    pgcopy_int8_if(b, r->message_key, (int64_t)r->message_key);
    pgcopy_when(b, r->at);
    pgcopy_some(b, r->host);
    pgcopy_some(b, r->queue_id);
    pgcopy_some(b, r->message_id);
    pgcopy_some(b, r->client_name);
    pgcopy_inet(b, r->client_ip);
    pgcopy_some(b, r->helo);
    if (r->has_mail_from)
        pgcopy_text(b, r->mail_from);
    else
        pgcopy_some(b, r->mail_from);
    pgcopy_some(b, r->recipient);
    pgcopy_some(b, r->auth_user);
    pgcopy_some(b, r->action);
    struct reply_class c = r->class;
    if (c.stage == STAGE_UNKNOWN)
        c.stage = r->stage;
    load_put_class(b, &c);
    load_put_code(b, r->code);
    pgcopy_some(b, r->enhanced);
    pgcopy_some(b, r->reply);
    load_put_origin(b, l, r->origin);
    pgcopy_int8(b, l->load_id);
    l->totals.refusals++;
    return (l->totals.refusals & 1023) != 0 || load_taken(l);
}

static bool
load_verdict(struct sink *sink, const struct verdict *v)
{
    struct load *l = (struct load *)sink;
    struct buf *b = writer_row(l->writer, LOAD_VERDICT, v->at);
    pgcopy_int8(b, (int64_t)v->verdict_id);
    pgcopy_text(b, event_kind_word(v->kind));
    pgcopy_int8_if(b, v->transit_id != 0, (int64_t)v->transit_id);
    pgcopy_int8_if(b, v->message_key != 0, (int64_t)v->message_key);
    pgcopy_when(b, v->at);
    pgcopy_some(b, v->host);
    pgcopy_some(b, v->engine);
    pgcopy_key(b, v->queue_id);
    pgcopy_some(b, v->message_id);
    if (v->has_mail_from)
        pgcopy_text(b, v->mail_from);
    else
        pgcopy_null(b);
    pgcopy_inet(b, v->client_ip);
    pgcopy_some(b, v->recipient);
    pgcopy_some(b, v->action);
    pgcopy_some(b, v->result);
    pgcopy_some(b, v->reason);
    pgcopy_some(b, v->detail);
    pgcopy_float8(b, v->score);
    pgcopy_float8(b, v->required);
    pgcopy_some(b, v->tests);
    pgcopy_some(b, v->method);
    pgcopy_some(b, v->domain);
    pgcopy_some(b, v->selector);
    pgcopy_some(b, v->mailbox);
    pgcopy_some(b, v->session);
    pgcopy_some(b, v->next_queue_id);
    load_put_code(b, v->code);
    pgcopy_some(b, v->enhanced);
    pgcopy_some(b, v->reply);
    pgcopy_some(b, v->user_agent);
    load_put_origin(b, l, v->origin);
    pgcopy_int8(b, l->load_id);
    l->totals.verdicts++;
    return (l->totals.verdicts & 1023) != 0 || load_taken(l);
}

static bool
load_notification(struct sink *sink, const struct notification *n)
{
    struct load *l = (struct load *)sink;
    struct buf *b = writer_row(l->writer, LOAD_NOTIFICATION, WHEN_NONE);
    pgcopy_int8(b, (int64_t)n->transit_id);
    pgcopy_int8(b, (int64_t)n->message_key);
    pgcopy_when(b, n->at);
    pgcopy_some(b, n->host);
    pgcopy_text(b, n->queue_id);
    pgcopy_key(b, n->new_queue_id);
    pgcopy_text(b, n->type);
    load_put_origin(b, l, n->origin);
    pgcopy_int8(b, l->load_id);
    return true;
}

static bool
load_reject(struct sink *sink, const struct reject *r)
{
    struct load *l = (struct load *)sink;
    struct buf *b = writer_row(l->writer, LOAD_REJECT, WHEN_NONE);
    load_put_origin(b, l, r->origin);
    pgcopy_int8_if(b, r->line, (int64_t)r->line);
    pgcopy_text(b, r->reason);
    pgcopy_text(b, r->excerpt);
    return load_taken(l);
}

static bool
load_fragment(struct sink *sink, const struct fragment *f)
{
    struct load *l = (struct load *)sink;
    struct buf *b = writer_row(l->writer, LOAD_FRAGMENT, WHEN_NONE);
    pgcopy_int8(b, l->source_id);
    pgcopy_some(b, f->host);
    pgcopy_bool(b, f->is_head);
    pgcopy_int8(b, (int64_t)f->origin.offset);
    pgcopy_bytes(b, f->bytes);
    pgcopy_when(b, f->edge_at);
    pgcopy_int8(b, l->load_id);
    l->saw_fragments = true;
    return true;
}

static bool
load_edge(struct sink *sink, const struct session_edge *e)
{
    struct load *l = (struct load *)sink;
    struct buf *b = writer_row(l->writer, LOAD_SESSION, WHEN_NONE);
    pgcopy_some(b, e->host);
    pgcopy_int8(b, e->pid);
    pgcopy_when(b, e->at);
    pgcopy_some(b, e->peer);
    pgcopy_bool(b, e->outgoing);
    pgcopy_bool(b, e->wanted);
    pgcopy_int8_if(b, e->wanted, (int64_t)e->fact_id);
    pgcopy_some(b, e->tls_version);
    pgcopy_some(b, e->tls_cipher);
    pgcopy_int8(b, l->source_id);
    pgcopy_int8(b, l->load_id);
    l->saw_edges |= !e->going_on; /* who wants it looks for it */
    return true;
}

/* Logs that never tell a Message-ID name the queue ids of Courier so: three numbers in hex. */
static bool
is_courier_id(str id)
{
    return id.n == 42 && id.p[16] == '.' && id.p[33] == '.';
}

/* Sendmail's own notifications: "from localhost (localhost) by mx id X", and X is in the Message-ID it gives. */
static bool
is_sendmail_notice(const struct message *m, const struct received *r)
{
    str field = m->headers[r->raw_index].value;
    return r->id.n && str_has(m->message_id, r->id) && str_has(field, S("from localhost (localhost)"));
}

/* A queue whose log cannot name the message: the message names the queue instead.  analyze joins the two
 * (queries/groups_links.sql); nothing else looks at such a row. */
static bool
load_named_queues(struct load *l, const struct message *m, const struct message_source *from, uint64_t key)
{
    bool good = true;
    for (size_t i = 0; i < m->nreceived && good; i++) {
        const struct received *r = &m->received[i];
        when at = r->at != WHEN_NONE ? r->at : from->stored_at;
        bool silent = m->message_id.n == 0 || is_courier_id(r->id) || is_sendmail_notice(m, r) ||
                      str_has(m->headers[r->raw_index].value, S("(OpenSMTPD)"));
        if (!silent || r->id.n == 0 || at == WHEN_NONE)
            continue;
        struct transit t = {
            .transit_id = hash_more_int(hash_more(hash_bytes(r->id), r->by), (int64_t)key),
            .message_key = key,
            .at = at,
            .born_at = WHEN_NONE,
            .active_at = WHEN_NONE,
            .removed_at = WHEN_NONE,
            .host = from->host.n && str_ieq(r->by, m->received[0].by) ? from->host : r->by,
            .queue_id = r->id,
            .message_id = m->message_id,
            .size = -1,
            .nrcpt = -1,
            .flags = TRANSIT_STORED,
            .origin = from->origin,
        };
        good = load_transit(&l->sink, &t);
        l->totals.transits--;
    }
    return good;
}

static bool
load_message(struct sink *sink, const struct message *m, const struct message_source *from)
{
    struct load *l = (struct load *)sink;
    unsigned char digest[32];
    sha256_of(m->raw, digest);
    str sha = str_of((const char *)digest, 32);
    uint64_t key = m->message_id.n ? hash_bytes(m->message_id) : hash_bytes(sha);
    struct buf *b = writer_row(l->writer, LOAD_MESSAGE, WHEN_NONE);
    pgcopy_bytes(b, sha);
    pgcopy_int8(b, (int64_t)key);
    pgcopy_some(b, m->message_id);
    pgcopy_some(b, m->nfrom ? m->from[0].address : (str){ 0 });
    if (m->has_return_path)
        pgcopy_text(b, m->return_path);
    else
        pgcopy_null(b);
    pgcopy_when(b, m->date);
    pgcopy_some(b, m->subject);
    pgcopy_some(b, from->folder);
    pgcopy_some(b, from->mailbox);
    pgcopy_some(b, from->host);
    pgcopy_when(b, from->stored_at);
    pgcopy_int8(b, (int64_t)m->raw.n);
    pgcopy_bytes(b, m->raw);
    load_put_origin(b, l, from->origin);
    pgcopy_int8(b, l->load_id);
    l->totals.messages++;
    return load_named_queues(l, m, from, key) && load_taken(l);
}

const struct sink_ops load_ops = {
    .transit = load_transit,
    .attempt = load_attempt,
    .refusal = load_refusal,
    .verdict = load_verdict,
    .notification = load_notification,
    .message = load_message,
    .dmarc_begin = load_dmarc_begin,
    .dmarc_record = load_dmarc_record,
    .dmarc_end = load_dmarc_end,
    .reputation = load_reputation,
    .tls_report = load_tls_report,
    .feedback = load_feedback,
    .dsn = load_dsn,
    .reject = load_reject,
    .fragment = load_fragment,
    .edge = load_edge,
};
