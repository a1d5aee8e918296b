/* Loads the rule tables, and finds the row that decides.
 *
 * Rows hang on their needle; of the rows whose needle was found (that is
 * reply_needles.c) and whose other conditions hold, the first in file order
 * decides.  Everything is built once, on first use, stays until the process
 * ends, and is only read afterwards. */
#include "reply_rules.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "diag.h"

#define HOST(name, domain) { #name, { domain, sizeof domain - 1 } },
static const struct {
    const char *provider;
    str domain;
} hosts[] = {
#include "reply_hosts.def"
};

enum sign_kind { SIGN_PROVIDER, SIGN_BLOCKLIST, SIGN_DIALOGUE, SIGN_SOMEONE, SIGN_KINDS };
#define PROVIDER(name, text)  { SIGN_PROVIDER, #name, STAGE_UNKNOWN, text },
#define BLOCKLIST(name, text) { SIGN_BLOCKLIST, #name, STAGE_UNKNOWN, text },
#define DIALOGUE(where, text) { SIGN_DIALOGUE, NULL, STAGE_##where, text },
#define SOMEONE(text)         { SIGN_SOMEONE, NULL, STAGE_UNKNOWN, text },
static const struct {
    enum sign_kind kind;
    const char *name;
    enum stage stage;
    const char *needle;
} signs[] = {
#include "reply_signs.def"
};

/* P: a wording, where the provider is known; M: a mark of its own, whoever spoke;
 * C, RANGE: what an enhanced code means there; T: a wording of many; W: a wide one; X: one that is the whole text. */
#define P(who, name, why, text, ...) \
    { .id = #who "." name, .provider = #who, .needle = text, .reason = REASON_##why, __VA_ARGS__ },
#define M(who, name, why, text, ...) P(who, name, why, text, .anyone = true, __VA_ARGS__)
#define C(who, digits, why, ...) \
    { .id = #who "." digits, .provider = #who, .enhanced = digits, .reason = REASON_##why, __VA_ARGS__ },
#define RANGE(who, digits, last, why, ...) C(who, digits, why, .upto = last, __VA_ARGS__)
#define T(why, nr, text, ...)              { .number = nr, .needle = text, .reason = REASON_##why, __VA_ARGS__ },
#define W(why, nr, text, ...)              T(why, nr, text, .weak = true, __VA_ARGS__)
#define X(why, nr, text, ...)              T(why, nr, text, .whole = true, __VA_ARGS__)
static const struct reply_rule rules[] = {
#include "reply_word.def"
#include "reply_provider.def"
#include "reply_blocklist.def"
#include "reply_filter.def"
#include "reply_mailbox.def"
#include "reply_transport.def"
#include "reply_language.def"
#include "reply_generic.def"
};

#define E(its_subject, its_detail, why)     { its_subject, its_detail, REASON_##why, false },
#define TELLS(its_subject, its_detail, why) { its_subject, its_detail, REASON_##why, true },
static const struct {
    int subject, detail;
    enum reason reason;
    bool tells;
} enhanced[] = {
#include "reply_enhanced.def"
};

/* RFC 5321 4.2.3, 7504, 4954, 3207, 1846; others leave it open why. */
static const struct {
    int code;
    enum reason reason;
} basics[] = {
    { 432, REASON_LOGIN_FAILED },    { 451, REASON_SYSTEM_ERROR },      { 452, REASON_SYSTEM_FULL },
    { 455, REASON_PROTOCOL_ERROR },  { 500, REASON_PROTOCOL_ERROR },    { 501, REASON_PROTOCOL_ERROR },
    { 502, REASON_PROTOCOL_ERROR },  { 503, REASON_PROTOCOL_ERROR },    { 504, REASON_PROTOCOL_ERROR },
    { 521, REASON_NO_MAIL_SERVICE }, { 523, REASON_MESSAGE_TOO_LARGE }, { 530, REASON_LOGIN_FAILED },
    { 534, REASON_LOGIN_FAILED },    { 535, REASON_LOGIN_FAILED },      { 538, REASON_TLS_REQUIRED },
    { 551, REASON_ADDRESS_MOVED },   { 552, REASON_MAILBOX_FULL },      { 555, REASON_PROTOCOL_ERROR },
    { 556, REASON_NO_MAIL_SERVICE },
};

#define COUNT(a) (sizeof(a) / sizeof *(a))
enum { RULES = COUNT(rules), SIGNS = COUNT(signs), ENHANCED = COUNT(enhanced), CODES = 600 };
#define NOTHING    NO_NEEDLE
#define OWN_DETAIL 100 /* from here on, details are Microsoft's own */

static struct {
    struct reply_needles *needles;
    struct arena arena; /* ids */
    uint16_t sign[REPLY_NEEDLES_MAX][SIGN_KINDS];
    uint16_t head[REPLY_NEEDLES_MAX]; /* the rows that hang on a needle */
    uint16_t next[RULES];
    uint16_t also[RULES], unless[RULES];
    uint16_t code_row[RULES]; /* rows without a needle: from first_code_row on */
    size_t first_code_row;
    int want[RULES][3]; /* enhanced code of the row; -1 is any */
    const char *rule_id[RULES];
    size_t length[RULES]; /* of the needle of a row that is the whole text */
    const char *enhanced_id[ENHANCED][2];
    const char *code_id[CODES];
} table;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
read_enhanced(const char *text, int want[3])
{
    int a = -1, b = -1, c = -1;
    int n = text ? sscanf(text, "%d.%d.%d", &a, &b, &c) : 0;
    want[0] = n == 3 ? a : -1;
    want[1] = n == 3 ? b : n == 2 ? a : -1;
    want[2] = n == 3 ? c : n == 2 ? b : -1;
}

static void
add_rule(uint16_t i)
{
    const struct reply_rule *r = &rules[i];
    uint16_t n = reply_needle(table.needles, r->needle);
    table.also[i] = reply_needle(table.needles, r->also);
    table.unless[i] = reply_needle(table.needles, r->unless);
    read_enhanced(r->enhanced, table.want[i]);
    for (const char *p = r->whole ? r->needle : ""; *p; p++)
        table.length[i] += *p != '~';
    if (n == NOTHING) {
        table.code_row[--table.first_code_row] = i;
    } else {
        table.next[i] = table.head[n];
        table.head[n] = i;
    }
    table.rule_id[i] =
        r->id ? r->id : arena_printf(&table.arena, "text.%s.%d", reason_word(r->reason).p, r->number).p;
}

static void
build(void)
{
    table.needles = reply_needles_new();
    memset(table.head, 0xff, sizeof table.head);
    memset(table.sign, 0xff, sizeof table.sign);
    table.first_code_row = RULES;
    for (size_t i = RULES; i-- > 0;) /* so that the rows of a needle hang in their order */
        add_rule((uint16_t)i);
    for (size_t i = 0; i < SIGNS; i++) {
        uint16_t *first = &table.sign[reply_needle(table.needles, signs[i].needle)][signs[i].kind];
        *first = *first == NOTHING ? (uint16_t)i : *first;
    }
    reply_needles_build(table.needles);
    for (size_t i = 0; i < ENHANCED; i++)
        for (int class = 4; class <= 5; class ++)
            table.enhanced_id[i][class - 4] = arena_printf(&table.arena, "enhanced.%d.%d.%d", class,
                                                           enhanced[i].subject, enhanced[i].detail)
                                                  .p;
    for (int code = 200; code < CODES; code++)
        table.code_id[code] = arena_printf(&table.arena, "code.%d", code).p;
}

void
reply_rules_ready(void)
{
    pthread_once(&once, build);
}

void
reply_rules_scan(str normal, struct reply_hits *h)
{
    reply_scan(table.needles, normal, h);
}

const char *
reply_host_provider(str host)
{
    while (host.n > 0 && host.p[host.n - 1] == '.')
        host.n--;
    if (host.n == 0)
        return NULL;
    for (size_t i = 0; i < COUNT(hosts); i++) {
        str d = hosts[i].domain;
        if (host.n < d.n || str_lower_char(host.p[host.n - 1]) != d.p[d.n - 1])
            continue;
        if (host.n > d.n && host.p[host.n - d.n - 1] != '.')
            continue;
        if (str_ieq(str_skip(host, host.n - d.n), d))
            return hosts[i].provider;
    }
    return NULL;
}

bool
reply_is_provider(str name)
{
    for (size_t i = 0; i < COUNT(hosts); i++)
        if (str_eq(str_from(hosts[i].provider), name))
            return true;
    for (size_t i = 0; i < SIGNS; i++)
        if (signs[i].kind == SIGN_PROVIDER && str_eq(str_from(signs[i].name), name))
            return true;
    return false;
}

/* The first sign of a kind in the order of the table, or NOTHING. */
static uint16_t
find_sign(const struct reply_hits *h, enum sign_kind kind)
{
    uint16_t best = NOTHING;
    for (size_t i = 0; i < h->n; i++)
        if (table.sign[h->list[i]][kind] < best)
            best = table.sign[h->list[i]][kind];
    return best;
}

const char *
reply_marked_provider(const struct reply_hits *h)
{
    uint16_t i = find_sign(h, SIGN_PROVIDER);
    return i != NOTHING ? signs[i].name : NULL;
}

const char *
reply_blocklist(const struct reply_hits *h)
{
    uint16_t i = find_sign(h, SIGN_BLOCKLIST);
    return i != NOTHING ? signs[i].name : NULL;
}

enum stage
reply_dialogue(const struct reply_hits *h)
{
    uint16_t i = find_sign(h, SIGN_DIALOGUE);
    return i != NOTHING ? signs[i].stage : STAGE_UNKNOWN;
}

bool
reply_someone(const struct reply_hits *h)
{
    return find_sign(h, SIGN_SOMEONE) != NOTHING;
}

static bool
code_starts(int code, const char *prefix)
{
    size_t n = strlen(prefix);
    int digits = atoi(prefix);
    return n == 3 ? code == digits : n == 2 ? code / 10 == digits : code / 100 == digits;
}

static bool
holds(uint16_t i, const struct reply_hits *h, const struct reply_facts *f)
{
    const struct reply_rule *r = &rules[i];
    const int *want = table.want[i];
    bool own_code = r->needle == NULL && want[2] >= OWN_DETAIL && f->provider == NULL;
    if (r->provider && !r->anyone && !own_code &&
        (f->provider == NULL || strcmp(r->provider, f->provider) != 0))
        return false;
    if (table.also[i] != NOTHING && !reply_hit(h, table.also[i]))
        return false;
    if (table.unless[i] != NOTHING && reply_hit(h, table.unless[i]))
        return false;
    if (r->enhanced) {
        bool detail = r->upto ? f->detail >= want[2] && f->detail <= r->upto : f->detail == want[2];
        if (f->class == 0 || !detail || f->subject != want[1] || (want[0] >= 0 && f->class != want[0]))
            return false;
    }
    if (r->someone && !f->someone)
        return false;
    if (r->whole && table.length[i] != f->length)
        return false;
    if (r->at != STAGE_UNKNOWN && f->dialogue != r->at)
        return false;
    return r->code == NULL || (f->code != 0 && code_starts(f->code, r->code));
}

const struct reply_rule *
reply_rule_find(const struct reply_hits *h, const struct reply_facts *f)
{
    uint16_t best = NOTHING;
    for (size_t k = 0; k < h->n; k++)
        for (uint16_t i = table.head[h->list[k]]; i < best; i = table.next[i])
            if (holds(i, h, f))
                best = i;
    if (best != NOTHING && rules[best].provider)
        return &rules[best];
    if (f->class != 0 && (f->provider || f->detail >= OWN_DETAIL))
        for (size_t k = table.first_code_row; k < RULES; k++)
            if (holds(table.code_row[k], h, f))
                return &rules[table.code_row[k]];
    return best != NOTHING ? &rules[best] : NULL;
}

const char *
reply_rule_name(const struct reply_rule *r)
{
    return table.rule_id[r - rules];
}

struct reply_code
reply_enhanced_code(const struct reply_facts *f)
{
    for (size_t i = 0; i < ENHANCED; i++)
        if (enhanced[i].subject == f->subject && enhanced[i].detail == f->detail && f->class >= 4)
            return (struct reply_code){ enhanced[i].reason, table.enhanced_id[i][f->class - 4] };
    return (struct reply_code){ 0 };
}

/* A temporary fault of an address is more often a look-up that failed than an unknown user. */
bool
reply_code_tells(const struct reply_facts *f)
{
    if (f->class == 4 && f->subject == 1)
        return false;
    for (size_t i = 0; i < ENHANCED; i++)
        if (enhanced[i].subject == f->subject && enhanced[i].detail == f->detail && f->class >= 4)
            return enhanced[i].tells;
    return false;
}

struct reply_code
reply_basic_code(int code)
{
    if (code < 200 || code >= CODES)
        return (struct reply_code){ 0 };
    struct reply_code c = { code < 400 ? REASON_NONE : REASON_UNDEFINED, table.code_id[code] };
    for (size_t i = 0; i < COUNT(basics); i++)
        if (basics[i].code == code)
            c.reason = basics[i].reason;
    return c;
}

const struct reply_rule *
reply_rule_at(size_t i)
{
    return &rules[i];
}

size_t
reply_rule_count(void)
{
    return RULES;
}

const char *
reply_rule_id(size_t i)
{
    reply_rules_ready();
    return table.rule_id[i];
}
