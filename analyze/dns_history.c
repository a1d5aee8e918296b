/* The history of DNS: answers as rows, rows as a snapshot, and a source that asks it first.
 *
 * Failures are kept as rows, but do not go into snapshots: a server that was
 * down for a moment says nothing of the days around it. */
#include "dns_history.h"

#include "buf.h"
#include "ip.h"

#include <stdlib.h>

enum { MAX_STRING = 255 }; /* bytes of one string of a TXT */

/* A name for a master file: what could be taken for syntax is written as \DDD. */
static void
put_name(struct buf *b, str name)
{
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if (c <= ' ' || c >= 127 || memchr("\"();@$", c, 6))
            buf_printf(b, "\\%03u", c);
        else
            buf_char(b, (char)c);
    }
}

static void
put_string(struct buf *b, str s)
{
    buf_char(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\')
            buf_printf(b, "\\%c", c);
        else if (c < ' ' || c >= 127)
            buf_printf(b, "\\%03u", c);
        else
            buf_char(b, (char)c);
    }
    buf_char(b, '"');
}

static str
dns_rdata_text(struct arena *a, enum dns_type type, const struct dns_record *r)
{
    struct buf b = { 0 };
    str rest = r->data;
    switch (type) {
    case DNS_A:
    case DNS_AAAA: buf_add(&b, ip_format(a, ip_from_bytes(r->data))); break;
    case DNS_MX:
        buf_printf(&b, "%d ", r->preference);
        put_name(&b, r->data);
        buf_char(&b, '.');
        break;
    case DNS_PTR:
    case DNS_CNAME:
    case DNS_NS:
        put_name(&b, r->data);
        buf_char(&b, '.');
        break;
    case DNS_TXT:
        do {
            put_string(&b, str_head(rest, MAX_STRING));
            rest = str_skip(rest, MAX_STRING);
            if (rest.n)
                buf_char(&b, ' ');
        } while (rest.n);
        break;
    default: buf_add(&b, r->data); break;
    }
    str text = arena_copy(a, buf_str(&b));
    buf_free(&b);
    return text;
}

static str
name_text(struct arena *a, str name)
{
    struct buf b = { 0 };
    put_name(&b, name);
    str text = arena_copy(a, buf_str(&b));
    buf_free(&b);
    return text;
}

bool
dns_answer_rows(struct arena *a, str name, enum dns_type type, const struct dns_answer *answer, when at,
                str origin, dns_row_taker *take, void *closure)
{
    struct dns_row row = { .name = name_text(a, name),
                           .type = dns_type_word(a, type),
                           .rdata = S(""),
                           .rcode = S("noerror"),
                           .first_seen = at,
                           .last_seen = at,
                           .origin = origin };
    if (answer->status == DNS_UNKNOWN)
        return true;
    if (answer->status != DNS_OK) {
        bool exists = answer->status == DNS_NODATA || (answer->status == DNS_NXDOMAIN && answer->aliased);
        row.rcode = exists ? S("noerror") : dns_status_word(answer->status);
        return take(closure, &row);
    }
    for (size_t i = 0; i < answer->n; i++) {
        row.rdata = dns_rdata_text(a, type, &answer->records[i]);
        if (!take(closure, &row))
            return false;
    }
    return true;
}

static void
put_moment(struct buf *b, when at)
{
    struct arena a = { 0 };
    buf_add(b, at == WHEN_NONE ? S("-") : when_format(&a, at));
    arena_free(&a);
}

void
dns_row_text(struct buf *b, struct dns_text_state *last, const struct dns_row *r)
{
    bool failed = str_eq(r->rcode, S("servfail")) || str_eq(r->rcode, S("timeout"));
    when until = r->last_seen == WHEN_NONE ? WHEN_NONE : r->last_seen + 1;
    if (failed)
        return;
    if (!last->any || last->from != r->first_seen || last->until != until) {
        buf_add(b, S(";@ valid "));
        put_moment(b, r->first_seen);
        buf_char(b, ' ');
        put_moment(b, until);
        buf_char(b, '\n');
        *last = (struct dns_text_state){ true, r->first_seen, until };
    }
    if (str_eq(r->rcode, S("nxdomain")))
        buf_add(b, S(";@ nxdomain "));
    else if (r->rdata.n == 0)
        buf_add(b, S(";@ nodata "));
    buf_add(b, r->name);
    buf_char(b, '.');
    if (!str_eq(r->rcode, S("nxdomain"))) {
        buf_char(b, ' ');
        buf_add(b, r->type);
    }
    if (r->rdata.n) {
        buf_char(b, ' ');
        buf_add(b, r->rdata);
    }
    buf_char(b, '\n');
}

struct history {
    struct dns dns;
    struct dns *known, *next;
};

static bool
is_answer(const struct dns_answer *a)
{
    return a->status == DNS_OK || a->status == DNS_NODATA || a->status == DNS_NXDOMAIN;
}

static void
history_query(struct dns *dns, struct arena *a, str name, enum dns_type type, when at,
              struct dns_answer *answer)
{
    struct history *h = (struct history *)dns;
    struct dns_answer other;
    h->known->query(h->known, a, name, type, at, answer);
    if (h->next == NULL || (answer->status != DNS_UNKNOWN && !answer->nearest))
        return;
    h->next->at = at;
    dns_query(h->next, a, name, type, &other);
    bool better = answer->status == DNS_UNKNOWN || (is_answer(&other) && other.age < answer->age);
    if (better && other.status != DNS_UNKNOWN)
        *answer = other;
}

static void
history_close(struct dns *dns)
{
    struct history *h = (struct history *)dns;
    dns_close(h->known);
    dns_close(h->next);
    free(h);
}

struct dns *
dns_history(struct dns *known, struct dns *next)
{
    struct history *h = xcalloc(1, sizeof *h);
    h->dns = (struct dns){ .query = history_query, .close = history_close, .at = WHEN_NONE };
    h->known = known;
    h->next = next;
    return &h->dns;
}
