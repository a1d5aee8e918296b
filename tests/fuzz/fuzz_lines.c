/* Whole logs of any bytes: framing, formats, the tracker.  Every byte is accounted for, every record lies
 * in the source, pieces of any size give what the whole gives, and so does a log read on from its middle.
 * The first byte chooses the format and the options, the second the size of pieces. */
#include <stdlib.h>

#include "hash.h"
#include "lines.h"
#include "pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const when NOW = 1789000000 * WHEN_SECOND;

struct watcher {
    struct sink sink; /* first */
    struct account account;
    uint64_t size; /* of the source */
    uint64_t seen; /* hash of all that was handed out */
};

static void
expect(bool good)
{
    if (!good)
        abort();
}

static void
see(struct sink *sink, const str *texts, size_t n)
{
    struct watcher *w = (struct watcher *)sink;
    for (size_t i = 0; i < n; i++)
        w->seen = hash_more(hash_more_int(w->seen, (int64_t)texts[i].n), texts[i]);
}

static void
see_origin(struct sink *sink, struct origin o)
{
    struct watcher *w = (struct watcher *)sink;
    expect(o.offset <= w->size && o.length <= w->size - o.offset);
    w->seen = hash_more_int(hash_more_int(w->seen, (int64_t)o.offset), (int64_t)o.length);
}

static bool
on_event(struct sink *s, const struct event *e)
{
    expect(e->kind != EVENT_NONE && e->length > 0);
    expect((e->kind != EVENT_IGNORED && e->kind != EVENT_REJECT) || e->why);
    see_origin(s, (struct origin){ e->offset, e->length });
    see(s, e->field, FIELD_COUNT);
    see(s, (str[]){ e->host, e->program, e->text }, 3);
    return true;
}

static uint64_t
cut_varint(str *s)
{
    uint64_t v = 0;
    for (unsigned shift = 0;; shift += 7) {
        expect(s->n > 0 && shift < 64);
        unsigned char c = (unsigned char)s->p[0];
        *s = str_skip(*s, 1);
        v |= (uint64_t)(c & 127) << shift;
        if ((c & 128) == 0)
            return v;
    }
}

static bool
on_transit(struct sink *s, const struct transit *t)
{
    struct watcher *w = (struct watcher *)s;
    uint64_t at = t->origin.offset;
    for (str lines = t->lines; lines.n;) { /* as report/evidence.c reads them */
        at += cut_varint(&lines);
        uint64_t length = cut_varint(&lines);
        expect(length > 0 && at <= w->size && length <= w->size - at);
        at += length;
    }
    expect(t->lines.n > 0 && t->at != WHEN_NONE && t->queue_id.n > 0);
    see_origin(s, t->origin);
    see(s,
        (str[]){ t->host, t->queue_id, t->program, t->message_id, t->mail_from, t->client_name, t->client_ip,
                 t->helo, t->auth_user, t->protocol, t->tls_version, t->tls_cipher, t->orig_queue_id,
                 t->lines },
        14);
    w->seen = hash_more_int(hash_more_int(w->seen, (int64_t)t->transit_id), (int64_t)t->message_key);
    return true;
}

static bool
on_attempt(struct sink *s, const struct attempt *a)
{
    struct watcher *w = (struct watcher *)s;
    expect(a->result != RESULT_NONE && a->relay_port >= 0 && a->relay_port <= 65535 && a->code >= 0 &&
           a->code <= 999);
    see_origin(s, a->origin);
    see(s,
        (str[]){ a->recipient, a->orig_recipient, a->relay_host, a->relay_ip, a->enhanced, a->reply,
                 a->next_queue_id, a->tls_version, a->tls_cipher },
        9);
    w->seen = hash_more_int(hash_more_int(w->seen, (int64_t)a->attempt_id), (int64_t)a->transit_id);
    return true;
}

static bool
on_refusal(struct sink *s, const struct refusal *r)
{
    expect(r->stage < STAGE_COUNT && r->code >= 0 && r->code <= 999);
    see_origin(s, r->origin);
    see(s,
        (str[]){ r->host, r->queue_id, r->message_id, r->client_name, r->client_ip, r->helo, r->mail_from,
                 r->recipient, r->auth_user, r->action, r->enhanced, r->reply },
        12);
    return true;
}

static bool
on_notification(struct sink *s, const struct notification *n)
{
    see_origin(s, n->origin);
    see(s, (str[]){ n->host, n->queue_id, n->new_queue_id, n->type }, 4);
    return true;
}

static bool
on_reject(struct sink *s, const struct reject *r)
{
    expect(r->reason.n > 0 && r->excerpt.n <= REJECT_EXCERPT);
    see_origin(s, r->origin);
    see(s, (str[]){ r->reason, r->excerpt }, 2);
    return true;
}

static bool
on_fragment(struct sink *s, const struct fragment *f)
{
    expect(f->bytes.n == f->origin.length);
    see_origin(s, f->origin);
    see(s, (str[]){ f->bytes, f->host }, 2);
    return true;
}

static bool
on_edge(struct sink *s, const struct session_edge *e)
{
    see(s, (str[]){ e->host, e->peer, e->tls_version, e->tls_cipher }, 4);
    return true;
}

static const struct sink_ops with_events = {
    .event = on_event,
    .transit = on_transit,
    .attempt = on_attempt,
    .refusal = on_refusal,
    .notification = on_notification,
    .reject = on_reject,
    .fragment = on_fragment,
    .edge = on_edge,
};

/* Reads all of it; piece is 0 for one piece. */
static void
read_all(struct watcher *w, str text, const struct format *format, const struct ingest_options *options,
         size_t piece, uint64_t resume_at)
{
    struct source s;
    struct lines_result r;
    struct pieces pieces = { text, piece };
    *w = (struct watcher){ .sink = { .ops = &with_events },
                           .account = { .first_at = WHEN_NONE, .last_at = WHEN_NONE },
                           .size = text.n };
    w->sink.account = &w->account;
    if (piece == 0)
        source_open_memory(&s, "fuzz", text);
    else
        expect(source_open_reader(&s, "fuzz", read_piece, &pieces, &w->sink.diag));
    expect(lines_read(&s, options, format, &w->sink, (struct lines_from){ resume_at, false }, &r));
    expect(s.window.n == 0 && s.offset == text.n && r.resume_offset <= text.n);
    source_close(&s);
    const struct account *a = &w->account;
    expect(a->recorded + a->rejected + a->ignored == text.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct format *line_formats[64];
    size_t n = 0;
    if (size < 2)
        return 0;
    for (size_t i = 0; formats[i]; i++)
        if (formats[i]->owns)
            line_formats[n++] = formats[i];
    str text = str_of((const char *)data + 2, size - 2);
    const struct format *format = line_formats[(data[0] >> 2) % n];
    struct ingest_options options = { .now = NOW, .stored_at = WHEN_NONE };
    if (data[0] & 1)
        options.host = S("mx.example.org");
    if (data[0] & 2)
        options.year = 2024;
    struct watcher whole, pieces, later;
    /* What qmail said is remembered from source to source: after one reading each further one begins alike. */
    read_all(&whole, text, format, &options, 0, 0);
    read_all(&whole, text, format, &options, 0, 0);
    if (text.n < 3 || (unsigned char)text.p[0] != 0x1f || (unsigned char)text.p[1] != 0x8b) {
        read_all(&pieces, text, format, &options, data[1] + 1u, 0);
        expect(pieces.seen == whole.seen);
    }
    size_t half = str_find_char(str_skip(text, text.n / 2), '\n');
    if (half != STR_NONE)
        read_all(&later, text, format, &options, 0, text.n / 2 + half + 1);
    return 0;
}
