/* Names, words, and the choice of a source.  The sources: dns_snapshot.c here, common/resolver.c for
 * live look-ups; "off" knows nothing. */
#include "dns.h"

#include <stdlib.h>

#include "buf.h"
#include "resolver.h"

static const struct {
    enum dns_type type;
    const char *word;
} types[] = {
    { DNS_A, "A" },
    { DNS_NS, "NS" },
    { DNS_CNAME, "CNAME" },
    { DNS_SOA, "SOA" },
    { DNS_PTR, "PTR" },
    { DNS_MX, "MX" },
    { DNS_TXT, "TXT" },
    { DNS_AAAA, "AAAA" },
    { DNS_TLSA, "TLSA" },
    /* kept as text; here because snapshots name them */
    { 13, "HINFO" },
    { 17, "RP" },
    { 33, "SRV" },
    { 35, "NAPTR" },
    { 39, "DNAME" },
    { 43, "DS" },
    { 44, "SSHFP" },
    { 46, "RRSIG" },
    { 47, "NSEC" },
    { 48, "DNSKEY" },
    { 50, "NSEC3" },
    { 51, "NSEC3PARAM" },
    { 64, "SVCB" },
    { 65, "HTTPS" },
    { 99, "SPF" },
    { 257, "CAA" },
};

str
dns_type_word(struct arena *a, enum dns_type type)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].type == type)
            return str_from(types[i].word);
    return arena_printf(a, "TYPE%d", (int)type);
}

int
dns_type_from(str word)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_ieq(word, str_from(types[i].word)))
            return (int)types[i].type;
    uint64_t v;
    if (str_istarts(word, S("TYPE")) && word.n <= 9 && str_to_u64(str_skip(word, 4), &v) && v > 0 &&
        v < 65536)
        return (int)v;
    return 0;
}

str
dns_status_word(enum dns_status s)
{
    static const char *const words[] = {
        [DNS_UNKNOWN] = "unknown",   [DNS_OK] = "ok",
        [DNS_NODATA] = "nodata",     [DNS_NXDOMAIN] = "nxdomain",
        [DNS_SERVFAIL] = "servfail", [DNS_TIMEOUT] = "timeout",
    };
    return str_from(words[s]);
}

/* The end of the label that starts at i: a dot that no backslash precedes, or the end. */
static size_t
label_end(str name, size_t i)
{
    while (i < name.n && name.p[i] != '.')
        i += name.p[i] == '\\' && i + 1 < name.n ? 2 : 1;
    return i;
}

bool
dns_name(struct arena *a, str text, str *out)
{
    *out = S("");
    size_t escapes = 0; /* in front of the last dot: of an odd number the last one escapes it */
    while (escapes + 1 < text.n && text.p[text.n - 2 - escapes] == '\\')
        escapes++;
    if (text.n && text.p[text.n - 1] == '.' && escapes % 2 == 0)
        text.n--;
    if (text.n == 0 || text.n > (size_t)2 * DNS_MAX_NAME)
        return false;
    size_t octets = 0;
    for (size_t i = 0; i <= text.n;) {
        size_t end = label_end(text, i), length = 0;
        for (size_t j = i; j < end; j += text.p[j] == '\\' && j + 1 < end ? 2 : 1)
            length++;
        if (length == 0 || length > DNS_MAX_LABEL)
            return false;
        octets += length + 1;
        i = end + 1;
    }
    if (octets - 1 > DNS_MAX_NAME)
        return false;
    *out = arena_lower(a, text);
    return true;
}

size_t
dns_labels(str name)
{
    size_t n = 0;
    for (size_t i = 0; i < name.n; i = label_end(name, i) + 1)
        n++;
    return n;
}

str
dns_parent(str name)
{
    return str_skip(name, label_end(name, 0) + 1);
}

str
dns_last_labels(str name, size_t n)
{
    for (size_t have = dns_labels(name); have > n; have--)
        name = dns_parent(name);
    return name;
}

bool
dns_is_below(str name, str above)
{
    if (above.n == 0 || !str_ends(name, above))
        return false;
    return name.n == above.n || name.p[name.n - above.n - 1] == '.';
}

void
dns_query(struct dns *dns, struct arena *a, str name, enum dns_type type, struct dns_answer *answer)
{
    str clean;
    *answer = (struct dns_answer){ .valid_from = WHEN_NONE, .valid_until = WHEN_NONE };
    if (!dns_name(a, name, &clean)) {
        answer->status = DNS_NXDOMAIN;
        return;
    }
    dns->queries++;
    dns->query(dns, a, clean, type, dns->at == WHEN_NONE ? when_now() : dns->at, answer);
    for (size_t i = 1; type == DNS_MX && i < answer->n; i++) { /* few, mostly sorted */
        struct dns_record r = answer->records[i];
        size_t j = i;
        for (; j > 0 && answer->records[j - 1].preference > r.preference; j--)
            answer->records[j] = answer->records[j - 1];
        answer->records[j] = r;
    }
    if (answer->age > dns->age)
        dns->age = answer->age;
    if (dns->seen)
        dns->seen(dns->closure, clean, type, answer);
}

static void
off_query(struct dns *dns, struct arena *a, str name, enum dns_type type, when at, struct dns_answer *answer)
{
    (void)dns, (void)a, (void)name, (void)type, (void)at;
    answer->status = DNS_UNKNOWN;
}

/* Today's answers are taken to have held for as long back. */
static const when LIVE_FRESH = WHEN_DAY;

/* Live answers: rdata comes in wire form. */
struct live {
    struct dns dns;
    struct resolver *resolver;
};

/* An uncompressed name in wire form at the start of s, as text; false if it is cut short. */
static bool
wire_name(struct arena *a, str s, str *out)
{
    char text[4 * (DNS_MAX_NAME + 2)];
    size_t n = 0, i = 0;
    while (i < s.n && s.p[i] != 0) {
        size_t length = (unsigned char)s.p[i++];
        if (length > DNS_MAX_LABEL || i + length > s.n || i + length > DNS_MAX_NAME + 2)
            return false;
        if (n)
            text[n++] = '.';
        for (size_t end = i + length; i < end; i++) {
            if (s.p[i] == '.' || s.p[i] == '\\')
                text[n++] = '\\';
            text[n++] = str_lower_char(s.p[i]);
        }
    }
    *out = arena_copy(a, str_of(text, n));
    return i < s.n;
}

/* The strings of a TXT, joined. */
static bool
wire_strings(struct arena *a, str s, str *out)
{
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    while (s.n) {
        size_t length = (unsigned char)s.p[0];
        if (length + 1 > s.n)
            return false;
        memcpy(p + n, s.p + 1, length);
        n += length;
        s = str_skip(s, length + 1);
    }
    *out = str_of(p, n);
    return true;
}

static bool
wire_record(struct arena *a, enum dns_type type, str wire, struct dns_record *r)
{
    *r = (struct dns_record){ 0 };
    switch (type) {
    case DNS_A: r->data = arena_copy(a, wire); return wire.n == 4;
    case DNS_AAAA: r->data = arena_copy(a, wire); return wire.n == 16;
    case DNS_TXT: return wire_strings(a, wire, &r->data);
    case DNS_MX:
        if (wire.n < 3)
            return false;
        r->preference = (unsigned char)wire.p[0] << 8 | (unsigned char)wire.p[1];
        return wire_name(a, str_skip(wire, 2), &r->data);
    case DNS_PTR:
    case DNS_CNAME:
    case DNS_NS: return wire_name(a, wire, &r->data);
    default: r->data = arena_copy(a, wire); return true;
    }
}

/* A name as resolvers want it: our text is the usual presentation form but for bytes that need \DDD. */
static const char *
presentation(struct arena *a, str name)
{
    struct buf b = { 0 };
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if (c <= ' ' || c >= 127 || c == '"' || c == '(' || c == ')' || c == ';' || c == '@' || c == '$')
            buf_printf(&b, "\\%03u", c);
        else
            buf_char(&b, (char)c);
    }
    const char *z = arena_z(a, buf_str(&b));
    buf_free(&b);
    return z;
}

static void
live_query(struct dns *dns, struct arena *a, str name, enum dns_type type, when at, struct dns_answer *answer)
{
    static const enum dns_status statuses[] = {
        [RESOLVER_OK] = DNS_OK,
        [RESOLVER_NODATA] = DNS_NODATA,
        [RESOLVER_NXDOMAIN] = DNS_NXDOMAIN,
        [RESOLVER_SERVFAIL] = DNS_SERVFAIL,
        [RESOLVER_TIMEOUT] = DNS_TIMEOUT,
    };
    when now = when_now();
    struct resolver_answer got;
    resolver_ask(((struct live *)dns)->resolver, a, presentation(a, name), (int)type, &got);
    answer->status = statuses[got.status];
    answer->aliased = got.aliased;
    answer->secure = got.secure;
    answer->age = at != WHEN_NONE && now > at + LIVE_FRESH ? now - at : 0;
    answer->nearest = answer->age != 0;
    answer->records = ARENA_ARRAY(a, struct dns_record, got.n);
    for (size_t i = 0; i < got.n; i++)
        if (wire_record(a, type, got.rdata[i], &answer->records[answer->n]))
            answer->n++;
    if (answer->status == DNS_OK && answer->n == 0)
        answer->status = DNS_SERVFAIL; /* nothing but broken records */
}

static void
live_close(struct dns *dns)
{
    resolver_free(((struct live *)dns)->resolver);
    free(dns);
}

static void
off_close(struct dns *dns)
{
    free(dns);
}

bool
dns_is_live(const char *how)
{
    return strcmp(how, "live") == 0 || strncmp(how, "live:", 5) == 0;
}

struct dns *
dns_open(const char *how, struct diag *diag)
{
    if (strcmp(how, "off") == 0) {
        struct dns *off = xcalloc(1, sizeof *off);
        *off = (struct dns){ .query = off_query, .close = off_close, .at = WHEN_NONE };
        return off;
    }
    if (!dns_is_live(how))
        return dns_snapshot_open(how, diag);
    struct resolver *resolver = resolver_new(how[4] ? how + 5 : NULL, diag);
    if (resolver == NULL)
        return NULL;
    struct live *live = xcalloc(1, sizeof *live);
    live->dns = (struct dns){ .query = live_query, .close = live_close, .at = WHEN_NONE };
    live->resolver = resolver;
    return &live->dns;
}

void
dns_close(struct dns *dns)
{
    if (dns)
        dns->close(dns);
}
