/* The lines of Postfix's daemons, for gen_postfix.c: names, queue ids, one function a line.
 *
 * State stands in gen; every function that writes a line counts it in gen.truth. */
#ifndef POSTFIX_LINES_H
#define POSTFIX_LINES_H

#include <inttypes.h>
#include <stdarg.h>

#include "calendar.h"
#include "when.h"

enum {
    CUSTOMERS = 200, /* client hosts, each with its own domain */
    PROVIDERS = 40,  /* foreign domains */
    USERS = 5000,    /* per domain */
    RCPTS_MAX = 5,
    PIDS = 2048,  /* a pid comes again after that many uses */
    FREED = 4096, /* queue ids remembered for reuse */
    REUSE_AFTER_S = 60,
    REUSE_ONE_IN = 20,
};

static const when start = (when)1772409600 * WHEN_SECOND; /* 2026-03-02T00:00:00Z */

struct truth {
    uint64_t lines, messages, transits, attempts, sent, deferred, bounced;
    uint64_t deliveries, stored, accepted, failed, expired;
    uint64_t relayed, refusals, notifications, reused_ids; /* relayed: messages that passed both hosts */
};

struct freed_id {
    char text[12];
    when at;
};

struct host {
    const char *name, *fqdn, *ip;
    bool long_ids;
    uint32_t inode;
    unsigned pid;
    struct calendar calendar;
    struct freed_id freed[FREED];
    unsigned freed_first, freed_last;
};

static struct {
    uint64_t random;
    when start;
    bool iso;
    struct host mta[2];
    struct truth truth;
} gen = { .mta = { { .name = "mta1", .fqdn = "mta1.example.net", .ip = "192.0.2.1" },
                   { .name = "mta2", .fqdn = "mta2.example.net", .ip = "192.0.2.2", .long_ids = true } } };

/* One message in one queue. */
struct message {
    struct host *host;
    char id[24], message_id[80], from[64];
    int customer, user;
    when at;
    uint32_t size;
    bool null_sender;
};

struct rcpt {
    int domain; /* provider, or PROVIDERS + customer for one of ours */
    int user;
};

/* ---- chance ---- */

static uint32_t
roll(uint32_t sides)
{
    uint64_t z = gen.random += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (uint32_t)((((z ^ (z >> 31)) >> 32) * sides) >> 32);
}

static when
between(when low, when high)
{
    return low + (when)roll((uint32_t)(high - low + 1));
}

/* ---- lines ---- */

struct text {
    size_t n;
    char p[1024];
};
#define LIT(t, s) put((t), (s), sizeof(s) - 1)

static void
put(struct text *t, const char *p, size_t n)
{
    memcpy(t->p + t->n, p, n);
    t->n += n;
}

static void
puts_to(struct text *t, const char *s)
{
    put(t, s, strlen(s));
}

static void
put_number(struct text *t, uint64_t v, int width)
{
    char digits[24];
    int n = 0;
    do {
        digits[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0 || n < width);
    while (n > 0)
        t->p[t->n++] = digits[--n];
}

/* Seconds with two significant digits, as Postfix writes them. */
static void
put_delay(struct text *t, when d)
{
    uint64_t hundredths = (uint64_t)(d / 10000);
    if (hundredths >= 1000) {
        put_number(t, hundredths / 100, 1);
        return;
    }
    if (hundredths >= 100)
        hundredths -= hundredths % 10;
    put_number(t, hundredths / 100, 1);
    if (hundredths % 100 != 0) {
        t->p[t->n++] = '.';
        put_number(t, hundredths % 100 / 10, 1);
        if (hundredths % 10 != 0)
            put_number(t, hundredths % 10, 1);
    }
}

static void
begin(struct text *t, const struct host *h, when at, const char *program, unsigned pid)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct civil c = when_to_civil(at);
    t->n = 0;
    if (gen.iso) {
        put_number(t, (uint64_t)c.year, 4);
        LIT(t, "-");
        put_number(t, (uint64_t)c.month, 2);
        LIT(t, "-");
        put_number(t, (uint64_t)c.day, 2);
        LIT(t, "T");
    } else {
        put(t, months + 3 * (c.month - 1), 3);
        puts_to(t, c.day < 10 ? "  " : " ");
        put_number(t, (uint64_t)c.day, 1);
        LIT(t, " ");
    }
    put_number(t, (uint64_t)c.hour, 2);
    LIT(t, ":");
    put_number(t, (uint64_t)c.minute, 2);
    LIT(t, ":");
    put_number(t, (uint64_t)c.second, 2);
    if (gen.iso) {
        LIT(t, ".");
        put_number(t, (uint64_t)c.micros, 6);
        LIT(t, "+00:00");
    }
    LIT(t, " ");
    puts_to(t, h->name);
    LIT(t, " postfix/");
    puts_to(t, program);
    LIT(t, "[");
    put_number(t, pid, 1);
    LIT(t, "]: ");
}

static void
end(struct text *t, struct host *h, when at)
{
    LIT(t, "\n");
    calendar_add(&h->calendar, at / WHEN_SECOND, t->p, t->n);
    gen.truth.lines++;
}

/* A whole line; format knows %s and %d only. */
static void
line(struct host *h, when at, const char *program, unsigned pid, const char *format, ...)
{
    struct text t;
    va_list args;
    begin(&t, h, at, program, pid);
    va_start(args, format);
    for (const char *f = format, *next; *f != '\0'; f = next) {
        if (*f == '%') {
            if (f[1] == 's')
                puts_to(&t, va_arg(args, const char *));
            else
                put_number(&t, (uint64_t)va_arg(args, int), 1);
            next = f + 2;
        } else {
            next = f + strcspn(f, "%");
            put(&t, f, (size_t)(next - f));
        }
    }
    va_end(args);
    end(&t, h, at);
}

static unsigned
new_pid(struct host *h)
{
    return 2000 + h->pid++ % PIDS;
}

/* ---- names ---- */

static void
put_rcpt(struct text *t, const struct rcpt *r)
{
    LIT(t, "user");
    put_number(t, (uint64_t)r->user, 1);
    puts_to(t, r->domain < PROVIDERS ? "@provider" : "@customer");
    put_number(t, (uint64_t)(r->domain < PROVIDERS ? r->domain : r->domain - PROVIDERS), 1);
    LIT(t, ".example");
}

static void
put_relay(struct text *t, int domain)
{
    if (domain >= PROVIDERS) {
        LIT(t, "mta2.example.net[192.0.2.2]");
        return;
    }
    LIT(t, "mx.provider");
    put_number(t, (uint64_t)domain, 1);
    LIT(t, ".example[203.0.113.");
    put_number(t, (uint64_t)domain + 1, 1);
    LIT(t, "]");
}

static void
put_client(struct text *t, const struct message *m, const struct host *at)
{
    if (at == &gen.mta[1]) {
        LIT(t, "mta1.example.net[192.0.2.1]");
        return;
    }
    LIT(t, "mail.customer");
    put_number(t, (uint64_t)m->customer, 1);
    LIT(t, ".example[198.51.100.");
    put_number(t, (uint64_t)m->customer + 1, 1);
    LIT(t, "]");
}

static size_t
base(char *out, uint64_t v, unsigned radix, size_t width)
{
    static const char digits[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
    char reversed[16];
    size_t n = 0;
    do {
        reversed[n++] = digits[v % radix];
        v /= radix;
    } while (v > 0 || n < width);
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    return n;
}

/* A queue id says its microseconds and inode; the long form also its second.  Moves *at where an
 * old short id comes again. */
static void
new_id(struct host *h, char id[24], when *at)
{
    struct freed_id *old = &h->freed[h->freed_first % FREED];
    h->inode = (h->inode + 1 + roll(7)) & 0xFFFFF;
    if (h->long_ids) {
        size_t n = base(id, (uint64_t)(*at / WHEN_SECOND), 52, 6);
        n += base(id + n, (uint64_t)(*at % WHEN_SECOND), 52, 4);
        id[n++] = 'z';
        n += base(id + n, 0x100000u + h->inode, 51, 1);
        id[n] = '\0';
        return;
    }
    if (h->freed_first != h->freed_last && *at - old->at > REUSE_AFTER_S * WHEN_SECOND) {
        h->freed_first++;
        if (roll(REUSE_ONE_IN) == 0) {
            char hex5[6] = { 0 };
            memcpy(hex5, old->text, 5);
            when micros = (when)strtol(hex5, NULL, 16);
            when moved = *at - *at % WHEN_SECOND + micros;
            *at = moved >= *at ? moved : moved + WHEN_SECOND;
            memcpy(id, old->text, sizeof old->text);
            gen.truth.reused_ids++;
            return;
        }
    }
    static const char hex[] = "0123456789ABCDEF";
    uint64_t v = (uint64_t)(*at % WHEN_SECOND) << 24 | 0xA00000u | h->inode;
    for (int i = 0; i < 11; i++)
        id[i] = hex[v >> (40 - 4 * i) & 15];
    id[11] = '\0';
}

static void
free_id(struct host *h, const char *id, when at)
{
    if (h->long_ids || h->freed_last - h->freed_first == FREED)
        return;
    struct freed_id *f = &h->freed[h->freed_last++ % FREED];
    memcpy(f->text, id, sizeof f->text);
    f->at = at;
}

/* ---- one queue's lines ---- */

static void
put_id(struct text *t, const struct message *m)
{
    puts_to(t, m->id);
    LIT(t, ": ");
}

static void
put_from(struct text *t, const struct message *m)
{
    put_id(t, m);
    LIT(t, "from=<");
    if (!m->null_sender)
        puts_to(t, m->from);
}

static void
log_message_id(const struct message *m, when at)
{
    line(m->host, at, "cleanup", 1500 + roll(8), "%s: message-id=<%s>", m->id, m->message_id);
    gen.truth.transits++;
}

static void
log_active(const struct message *m, when at, int nrcpt)
{
    struct text t;
    begin(&t, m->host, at, "qmgr", 1200);
    put_from(&t, m);
    LIT(&t, ">, size=");
    put_number(&t, m->size, 1);
    LIT(&t, ", nrcpt=");
    put_number(&t, (uint64_t)nrcpt, 1);
    LIT(&t, " (queue active)");
    end(&t, m->host, at);
}

static void
log_removed(const struct message *m, when at)
{
    line(m->host, at, "qmgr", 1200, "%s: removed", m->id);
    free_id(m->host, m->id, at);
}

static void
log_session(struct host *h, when at, const struct message *m, unsigned pid, const char *what,
            const char *tail)
{
    struct text t;
    begin(&t, h, at, "smtpd", pid);
    puts_to(&t, what);
    put_client(&t, m, h);
    puts_to(&t, tail);
    end(&t, h, at);
}

static const char tls_tail[] =
    ": TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 "
    "server-signature RSA-PSS (2048 bits) server-digest SHA256";

static void
log_tls_out(struct host *h, when at, int domain, unsigned pid)
{
    struct text t;
    begin(&t, h, at, "smtp", pid);
    puts_to(&t, domain % 3 == 0 ? "Untrusted" : "Trusted");
    LIT(&t, " TLS connection established to ");
    put_relay(&t, domain);
    LIT(&t, ":25");
    puts_to(&t, tls_tail);
    end(&t, h, at);
}

/* One try for one recipient.  relay: what stands between "relay=" and the delays. */
struct attempt_line {
    const char *program, *dsn, *status, *before, *after; /* before and after the recipient in the reply */
    unsigned pid;
    bool rcpt_in_reply, no_relay, by_lmtp;
    when setup, transfer;
};

static void
log_attempt(const struct message *m, when at, const struct rcpt *r, const struct attempt_line *a)
{
    struct text t;
    when total = at - m->at, waited = total - a->setup - a->transfer;
    begin(&t, m->host, at, a->program, a->pid);
    put_id(&t, m);
    LIT(&t, "to=<");
    put_rcpt(&t, r);
    LIT(&t, ">, relay=");
    if (a->no_relay) {
        LIT(&t, "none");
    } else if (a->by_lmtp) {
        LIT(&t, "mta2.example.net[private/dovecot-lmtp]");
    } else {
        put_relay(&t, r->domain);
        LIT(&t, ":25");
    }
    LIT(&t, ", delay=");
    put_delay(&t, total);
    LIT(&t, ", delays=");
    put_delay(&t, waited > 0 ? waited : 0);
    LIT(&t, "/0.01/");
    put_delay(&t, a->setup);
    LIT(&t, "/");
    put_delay(&t, a->transfer);
    LIT(&t, ", dsn=");
    puts_to(&t, a->dsn);
    LIT(&t, ", status=");
    puts_to(&t, a->status);
    LIT(&t, " (");
    puts_to(&t, a->before);
    if (a->rcpt_in_reply) {
        LIT(&t, "<");
        put_rcpt(&t, r);
        LIT(&t, ">");
    }
    puts_to(&t, a->after);
    LIT(&t, ")");
    end(&t, m->host, at);
    gen.truth.attempts++;
    if (a->status[0] == 's')
        gen.truth.sent++;
    else if (a->status[0] == 'd')
        gen.truth.deferred++;
    else
        gen.truth.bounced++;
}

#endif
