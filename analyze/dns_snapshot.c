/* DNS from a file: master-file records and ";@" directives (waybill-formats(7)).
 *
 * Every name has its entries, positive and negative, each with the time it was
 * valid.  Wildcards work as RFC 4592 has them.  A name that is not listed, but
 * lies below one that is said not to exist, does not exist either (RFC 8020);
 * below one whose zone fails, it fails the same way.  DNSSEC, and data below
 * delegations, are not its business. */
#include "buf.h"
#include "dns_history.h"
#include "hash.h"
#include "ip.h"
#include "source.h"
#include "zonefile.h"

#include <stdlib.h>

enum {
    SNAPSHOT_MAX_BYTES = 1 << 28,
    SNAPSHOT_MAX_WARNINGS = 20,
    ANY_TYPE = 0,
};

struct entry {
    struct entry *next;     /* of the same name, in file order */
    int type;               /* ANY_TYPE: of any type that has no entry of its own */
    enum dns_status status; /* DNS_OK: a record */
    struct dns_record record;
    when from, until; /* WHEN_NONE: open */
};

struct node {
    str name;
    struct entry *first, *last; /* none: it is there only because something lies below it */
};

struct snapshot {
    struct dns dns;
    struct arena arena;
    struct node *nodes; /* open addressing; name.p NULL: free */
    size_t n, room;     /* room is a power of two */
    bool closed;        /* names not listed do not exist */
    when from, until;   /* of the entries that follow */
};

static struct node *
slot_of(struct node *nodes, size_t room, str name)
{
    size_t i = hash_bytes(name) & (room - 1);
    while (nodes[i].name.p && !str_eq(nodes[i].name, name))
        i = (i + 1) & (room - 1);
    return &nodes[i];
}

static struct node *
find(const struct snapshot *s, str name)
{
    struct node *node = slot_of(s->nodes, s->room, name);
    return node->name.p ? node : NULL;
}

static void
make_room(struct snapshot *s)
{
    if (s->n * 2 < s->room)
        return;
    size_t room = s->room ? s->room * 2 : 64;
    struct node *nodes = xcalloc(room, sizeof *nodes);
    for (size_t i = 0; i < s->room; i++)
        if (s->nodes[i].name.p)
            *slot_of(nodes, room, s->nodes[i].name) = s->nodes[i];
    free(s->nodes);
    s->nodes = nodes;
    s->room = room;
}

/* The node of a name, made with all those above it if it is new. */
static struct node *
touch(struct snapshot *s, str name)
{
    for (str up = name;; up = dns_parent(up)) {
        make_room(s);
        struct node *node = slot_of(s->nodes, s->room, up);
        if (node->name.p)
            break;
        node->name = up.n ? up : S("");
        s->n++;
        if (up.n == 0)
            break;
    }
    return slot_of(s->nodes, s->room, name);
}

static void
add(struct snapshot *s, str name, int type, enum dns_status status, struct dns_record record)
{
    struct entry *e = ARENA_NEW(&s->arena, struct entry);
    *e = (struct entry){
        .type = type, .status = status, .record = record, .from = s->from, .until = s->until
    };
    struct node *node = touch(s, name);
    if (node->last)
        node->last->next = e;
    else
        node->first = e;
    node->last = e;
}

/* Any type's rdata as text, words separated by a blank, quotes kept: it must read the same again. */
static str
text_of(struct arena *a, const struct zone_entry *e)
{
    struct buf all = { 0 };
    for (size_t i = 0; i < e->n; i++) {
        if (i)
            buf_char(&all, ' ');
        if (e->tokens[i].quoted)
            buf_char(&all, '"');
        buf_add(&all, e->tokens[i].text);
        if (e->tokens[i].quoted)
            buf_char(&all, '"');
    }
    str text = arena_copy(a, buf_str(&all));
    buf_free(&all);
    return text;
}

/* rdata of a known type; NULL or the reason why not. */
static const char *
read_rdata(struct snapshot *s, struct zonefile *z, const struct zone_entry *e, int type, struct dns_record *r)
{
    struct ip ip;
    uint64_t preference;
    switch (type) {
    case DNS_A:
    case DNS_AAAA:
        ip = e->n == 1 ? type == DNS_A ? ip4_parse(e->tokens[0].text) : ip6_parse(e->tokens[0].text)
                       : (struct ip){ 0 };
        if (ip.family == 0)
            return "not an address of that type (RFC 1035 section 3.4.1)";
        r->data = arena_copy(&s->arena, str_of((char *)ip.byte, type == DNS_A ? 4 : 16));
        return NULL;
    case DNS_CNAME:
    case DNS_NS:
    case DNS_PTR:
        return e->n == 1 && zonefile_name(z, e->tokens[0], &r->data) ? NULL : "rdata is not one name";
    case DNS_MX:
        if (e->n != 2 || !str_to_u64(e->tokens[0].text, &preference) || preference > 65535 ||
            !zonefile_name(z, e->tokens[1], &r->data))
            return "MX needs a preference and a name (RFC 1035 section 3.3.9)";
        r->preference = (int)preference;
        return NULL;
    case DNS_TXT:
        if (e->n == 0)
            return "TXT needs a string (RFC 1035 section 3.3.14)";
        struct buf joined = { 0 };
        bool good = true;
        for (size_t i = 0; i < e->n && good; i++) {
            str bytes;
            good = zonefile_bytes(z, e->tokens[i], &bytes);
            if (good)
                buf_add(&joined, bytes);
        }
        r->data = arena_copy(&s->arena, buf_str(&joined));
        buf_free(&joined);
        return good ? NULL : "a bad escape in a string (RFC 1035 section 5.1)";
    default: r->data = text_of(&s->arena, e); return NULL;
    }
}

static const char *
read_record(struct snapshot *s, struct zonefile *z, const struct zone_entry *e)
{
    struct dns_record r = { 0 };
    int type = dns_type_from(e->type);
    if (type == 0)
        return "no such record type";
    const char *why = read_rdata(s, z, e, type, &r);
    if (why == NULL)
        add(s, e->owner, type, DNS_OK, r);
    return why;
}

/* A moment of "valid": RFC 3339, a date (its start), or "-" for open. */
static bool
read_moment(str text, when *out)
{
    *out = WHEN_NONE;
    if (str_eq(text, S("-")))
        return true;
    struct when_result r = when_rfc3339(text);
    if (r.ok && r.rest.n == 0) {
        *out = r.at;
        return true;
    }
    struct civil day = { 0 };
    uint64_t y, m, d;
    if (text.n != 10 || text.p[4] != '-' || text.p[7] != '-' || !str_to_u64(str_head(text, 4), &y) ||
        !str_to_u64(str_of(text.p + 5, 2), &m) || !str_to_u64(str_of(text.p + 8, 2), &d))
        return false;
    day.year = (int)y, day.month = (int)m, day.day = (int)d;
    *out = when_from_civil(day);
    return *out != WHEN_NONE;
}

static const struct {
    const char *word;
    enum dns_status status;
    bool type_needed, type_allowed;
} negatives[] = {
    { "nxdomain", DNS_NXDOMAIN, false, false },
    { "nodata", DNS_NODATA, true, true },
    { "servfail", DNS_SERVFAIL, false, true },
    { "timeout", DNS_TIMEOUT, false, true },
};

static const char *
read_negative(struct snapshot *s, struct zonefile *z, const struct zone_entry *e, size_t which)
{
    str name;
    int type = ANY_TYPE;
    if (e->n < 2 || !zonefile_name(z, e->tokens[1], &name))
        return "the directive needs a name";
    if (e->n == 2 && negatives[which].type_needed)
        return "the directive needs a record type";
    if (e->n > 3 || (e->n == 3 && !negatives[which].type_allowed))
        return "the directive has too many words";
    if (e->n == 3 && (type = dns_type_from(e->tokens[2].text)) == 0)
        return "no such record type";
    add(s, name, type, negatives[which].status, (struct dns_record){ 0 });
    return NULL;
}

static const char *
read_directive(struct snapshot *s, struct zonefile *z, const struct zone_entry *e)
{
    str word = e->tokens[0].text;
    for (size_t i = 0; i < sizeof negatives / sizeof *negatives; i++)
        if (str_ieq(word, str_from(negatives[i].word)))
            return read_negative(s, z, e, i);
    if (str_ieq(word, S("valid"))) {
        when from, until;
        if (e->n != 3 || !read_moment(e->tokens[1].text, &from) || !read_moment(e->tokens[2].text, &until))
            return "valid needs two moments (RFC 3339, a date, or -)";
        if (from != WHEN_NONE && until != WHEN_NONE && from > until)
            return "valid ends before it begins";
        s->from = from;
        s->until = until;
        return NULL;
    }
    if (str_ieq(word, S("default"))) {
        bool closed = e->n == 2 && str_ieq(e->tokens[1].text, S("nxdomain"));
        if (!closed && !(e->n == 2 && str_ieq(e->tokens[1].text, S("unknown"))))
            return "default is nxdomain or unknown";
        s->closed = closed;
        return NULL;
    }
    return "no such directive";
}

/* How far at lies outside the entry's time; 0 inside. */
static when
distance(const struct entry *e, when at)
{
    if (e->from != WHEN_NONE && at < e->from)
        return e->from - at;
    if (e->until != WHEN_NONE && at >= e->until)
        return at - e->until + 1;
    return 0;
}

/* 0: of the type itself, 1: an alias, 2: of any type, 3: not concerned. */
static int
tier_of(const struct entry *e, int type)
{
    if (e->type == type)
        return 0;
    if (e->type == DNS_CNAME && e->status == DNS_OK)
        return 1;
    return e->type == ANY_TYPE ? 2 : 3;
}

/* The entry that rules: the nearest in time; among equals of the better tier; a failure before records. */
static const struct entry *
best_entry(const struct node *node, int type, when at)
{
    const struct entry *best = NULL;
    for (const struct entry *e = node->first; e; e = e->next) {
        int tier = tier_of(e, type);
        if (tier == 3)
            continue;
        if (best == NULL || distance(e, at) < distance(best, at) ||
            (distance(e, at) == distance(best, at) &&
             (tier < tier_of(best, type) ||
              (tier == tier_of(best, type) && best->status == DNS_OK && e->status != DNS_OK))))
            best = e;
    }
    return best;
}

/* A history of several origins tells one record once for each; a set of records holds none twice (RFC 2181 section 5).
 * What a file writes twice at one time stays there twice: someone means it. */
static bool
is_told_before(const struct node *node, const struct entry *e, when at)
{
    enum { LOOKED_AT = 200 };
    int seen = 0;
    for (const struct entry *o = node->first; o != e && seen++ < LOOKED_AT; o = o->next)
        if (o->type == e->type && o->status == e->status && (o->from != e->from || o->until != e->until) &&
            distance(o, at) == distance(e, at) && o->record.preference == e->record.preference &&
            str_eq(o->record.data, e->record.data))
            return true;
    return false;
}

static void
take_records(struct arena *a, const struct node *node, const struct entry *best, when at,
             struct dns_answer *answer)
{
    size_t room = 0;
    for (const struct entry *e = node->first; e; e = e->next)
        if (e->type == best->type && e->status == DNS_OK && distance(e, at) == distance(best, at) &&
            !is_told_before(node, e, at))
            ARENA_PUSH(a, answer->records, answer->n, room) = e->record;
}

/* What rules a name that is not listed: a wildcard, or what is said of a name above it. */
static const struct node *
stand_in(const struct snapshot *s, struct arena *a, str name, int type, when at, struct dns_answer *answer)
{
    str up = name;
    const struct node *above = NULL;
    while (above == NULL && up.n) {
        up = dns_parent(up);
        above = find(s, up);
    }
    answer->status = s->closed ? DNS_NXDOMAIN : DNS_UNKNOWN;
    if (above == NULL)
        return NULL;
    const struct node *wild = up.n ? find(s, arena_join(a, S("*"), S("."), up)) : NULL;
    if (wild)
        return wild;
    const struct entry *e = up.n ? best_entry(above, ANY_TYPE, at) : NULL;
    if (e && e->type == ANY_TYPE && best_entry(above, type, at) == e)
        answer->status = e->status;
    return NULL;
}

static void
snapshot_query(struct dns *dns, struct arena *a, str name, enum dns_type type, when at,
               struct dns_answer *answer)
{
    const struct snapshot *s = (const struct snapshot *)dns;
    for (int aliases = 0; aliases <= DNS_MAX_ALIASES; aliases++) {
        const struct node *node = find(s, name);
        if (node == NULL && (node = stand_in(s, a, name, (int)type, at, answer)) == NULL)
            return;
        const struct entry *best = best_entry(node, (int)type, at);
        if (best == NULL) {
            answer->status = s->closed ? DNS_NODATA : DNS_UNKNOWN;
            return;
        }
        answer->nearest |= distance(best, at) != 0;
        if (distance(best, at) > answer->age)
            answer->age = distance(best, at);
        answer->valid_from = best->from;
        answer->valid_until = best->until;
        if (best->type != DNS_CNAME || type == DNS_CNAME || best->status != DNS_OK) {
            answer->status = best->status;
            if (best->status == DNS_OK)
                take_records(a, node, best, at, answer);
            return;
        }
        answer->aliased = true;
        name = best->record.data;
    }
    answer->status = DNS_SERVFAIL; /* a loop */
}

/* Puts an entry's own times into its rows. */
struct dated_taker {
    dns_row_taker *take;
    void *closure;
    when from, until;
};

static bool
take_dated(void *closure, const struct dns_row *row)
{
    const struct dated_taker *t = closure;
    struct dns_row dated = *row;
    dated.first_seen = t->from;
    dated.last_seen = t->until;
    return t->take(t->closure, &dated);
}

bool
dns_snapshot_rows(struct arena *a, struct dns *dns, when at, str origin, dns_row_taker *take, void *closure)
{
    const struct snapshot *s = (const struct snapshot *)dns;
    bool going = true;
    for (size_t i = 0; i < s->room && going; i++)
        for (const struct entry *e = s->nodes[i].name.p ? s->nodes[i].first : NULL; e && going; e = e->next) {
            bool dated = e->from != WHEN_NONE || e->until != WHEN_NONE;
            struct dns_answer answer = { .status = e->status,
                                         .records = (struct dns_record *)(uintptr_t)&e->record,
                                         .n = e->status == DNS_OK };
            struct dated_taker t = { take, closure, dated ? e->from : at,
                                     !dated                  ? at
                                     : e->until == WHEN_NONE ? WHEN_NONE
                                                             : e->until - 1 };
            enum dns_type type = e->type == ANY_TYPE ? DNS_TXT : (enum dns_type)e->type;
            going = dns_answer_rows(a, s->nodes[i].name, type, &answer, at, origin, take_dated, &t);
        }
    return going;
}

static void
snapshot_close(struct dns *dns)
{
    struct snapshot *s = (struct snapshot *)dns;
    free(s->nodes);
    arena_free(&s->arena);
    free(s);
}

struct dns *
dns_snapshot(const char *path, str text, bool quiet, size_t *count)
{
    struct snapshot *s = xcalloc(1, sizeof *s);
    s->dns = (struct dns){ .query = snapshot_query, .close = snapshot_close, .at = WHEN_NONE };
    s->from = s->until = WHEN_NONE;
    make_room(s);
    struct zonefile z = zonefile_init(&s->arena, arena_copy(&s->arena, text));
    struct zone_entry e;
    size_t bad = 0;
    for (enum zone_step step; (step = zonefile_next(&z, &e)) != ZONE_END;) {
        const char *why = step == ZONE_BAD         ? e.reason
                          : step == ZONE_DIRECTIVE ? read_directive(s, &z, &e)
                                                   : read_record(s, &z, &e);
        if (why && ++bad <= SNAPSHOT_MAX_WARNINGS && !quiet)
            warn("%s:%zu: %s", path, e.line, why);
    }
    if (bad > SNAPSHOT_MAX_WARNINGS && !quiet)
        warn("%s: %zu lines could not be read", path, bad);
    if (count)
        *count = bad;
    return &s->dns;
}

struct dns *
dns_snapshot_open(const char *path, struct diag *diag)
{
    struct source source;
    if (!source_open(&source, path, diag))
        return NULL;
    struct dns *dns = NULL;
    if (source_slurp(&source, SNAPSHOT_MAX_BYTES, diag))
        dns = dns_snapshot(path, source.window, false, NULL);
    source_close(&source);
    return dns;
}
