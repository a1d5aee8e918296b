/* Loads the rule tables into one automaton, and finds the row that decides.
 *
 * Built once, on first use: a trie of all needles made into a table of states
 * (Aho and Corasick, 1975), with bytes grouped into classes so that a state
 * costs two bytes for each distinct byte of the needles.  Scanning is one
 * look-up per byte.  Rows hang on their needle; the first row in file order
 * whose other conditions hold decides.  Everything stays until the process
 * ends and is only read after it is built. */
#include "reply_rules.h"

#include <pthread.h>
#include <stdio.h>

#include "arena.h"
#include "diag.h"

#define HOST(name, domain) { #name, { domain, sizeof domain - 1 } },
static const struct {
    const char *provider;
    str domain;
} hosts[] = {
#include "reply_hosts.def"
};

enum sign_kind { SIGN_PROVIDER, SIGN_BLOCKLIST, SIGN_DIALOGUE };
#define PROVIDER(name, text)  { SIGN_PROVIDER, #name, STAGE_UNKNOWN, text },
#define BLOCKLIST(name, text) { SIGN_BLOCKLIST, #name, STAGE_UNKNOWN, text },
#define DIALOGUE(where, text) { SIGN_DIALOGUE, NULL, STAGE_##where, text },
static const struct {
    enum sign_kind kind;
    const char *name;
    enum stage stage;
    const char *needle;
} signs[] = {
#include "reply_signs.def"
};

/* P: a wording, where the provider is known; M: a mark of its own, whoever spoke;
 * C, RANGE: what an enhanced code means there; T: a wording of many. */
#define P(who, name, why, text, ...) \
    { .id = #who "." name, .provider = #who, .needle = text, .reason = REASON_##why, __VA_ARGS__ },
#define M(who, name, why, text, ...) P(who, name, why, text, .anyone = true, __VA_ARGS__)
#define C(who, digits, why, ...) \
    { .id = #who "." digits, .provider = #who, .enhanced = digits, .reason = REASON_##why, __VA_ARGS__ },
#define RANGE(who, digits, last, why, ...) C(who, digits, why, .upto = last, __VA_ARGS__)
#define T(why, nr, text, ...) { .number = nr, .needle = text, .reason = REASON_##why, __VA_ARGS__ },
static const struct reply_rule rules[] = {
#include "reply_provider.def"
#include "reply_blocklist.def"
#include "reply_filter.def"
#include "reply_mailbox.def"
#include "reply_transport.def"
#include "reply_language.def"
#include "reply_generic.def"
};

#define E(its_subject, its_detail, why) { its_subject, its_detail, REASON_##why },
static const struct {
    int subject, detail;
    enum reason reason;
} enhanced[] = {
#include "reply_enhanced.def"
};

/* RFC 5321 4.2.3, 7504, 4954, 3207, 1846; others leave it open why. */
static const struct {
    int code;
    enum reason reason;
} basics[] = {
    { 432, REASON_LOGIN_FAILED },    { 451, REASON_SYSTEM_ERROR },    { 452, REASON_SYSTEM_FULL },
    { 455, REASON_PROTOCOL_ERROR },  { 500, REASON_PROTOCOL_ERROR },  { 501, REASON_PROTOCOL_ERROR },
    { 502, REASON_PROTOCOL_ERROR },  { 503, REASON_PROTOCOL_ERROR },  { 504, REASON_PROTOCOL_ERROR },
    { 521, REASON_NO_MAIL_SERVICE }, { 523, REASON_MESSAGE_TOO_LARGE }, { 530, REASON_LOGIN_FAILED },
    { 534, REASON_LOGIN_FAILED },    { 535, REASON_LOGIN_FAILED },    { 538, REASON_TLS_REQUIRED },
    { 551, REASON_ADDRESS_MOVED },   { 552, REASON_MAILBOX_FULL },    { 555, REASON_PROTOCOL_ERROR },
    { 556, REASON_NO_MAIL_SERVICE },
};

#define COUNT(a) (sizeof(a) / sizeof *(a))
enum { RULES = COUNT(rules), SIGNS = COUNT(signs), ENHANCED = COUNT(enhanced), CODES = 600 };
#define NOTHING    0xffff
#define STATES_MAX 0xfffe

struct needle {
    uint16_t length;
    uint16_t next_same; /* another needle with the same text and other borders */
    uint16_t rule;      /* head of the rows that hang on it */
    bool head, tail;    /* asks for a word border there */
};

static struct {
    struct arena arena;
    unsigned char class_of[256];
    size_t classes, states, needles, code_rows;
    uint16_t *next;       /* [state * classes + class] */
    uint16_t *found;      /* needle that ends in a state */
    uint16_t *more;       /* the next shorter state in which one ends */
    struct needle needle[REPLY_NEEDLES_MAX];
    uint16_t rule_next[RULES];
    uint16_t rule_also[RULES], rule_unless[RULES];
    uint16_t code_row[RULES]; /* rows without a needle */
    uint16_t sign[SIGNS];
    int want[RULES][3];   /* enhanced code of the row; -1 is any */
    const char *rule_id[RULES];
    const char *enhanced_id[ENHANCED][2];
    const char *code_id[CODES];
} engine;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* The needle's text without its border signs. */
static str
bare(const char *text, bool *head, bool *tail)
{
    str s = str_from(text);
    *head = s.n > 0 && s.p[0] == '~';
    s = str_skip(s, *head);
    *tail = s.n > 0 && s.p[s.n - 1] == '~';
    return str_head(s, s.n - *tail);
}

static uint16_t
add_needle(const char *text)
{
    if (text == NULL)
        return NOTHING;
    bool head, tail;
    str s = bare(text, &head, &tail);
    size_t state = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint16_t *to = &engine.next[state * engine.classes + engine.class_of[(unsigned char)s.p[i]]];
        if (*to == 0)
            *to = (uint16_t)engine.states++;
        state = *to;
    }
    for (uint16_t n = engine.found[state]; n != NOTHING; n = engine.needle[n].next_same)
        if (engine.needle[n].head == head && engine.needle[n].tail == tail)
            return n;
    if (engine.needles == REPLY_NEEDLES_MAX)
        BUG("more than %d needles", REPLY_NEEDLES_MAX);
    uint16_t n = (uint16_t)engine.needles++;
    engine.needle[n] = (struct needle){ (uint16_t)s.n, engine.found[state], NOTHING, head, tail };
    engine.found[state] = n;
    return n;
}

static void
class_bytes(const char *text, size_t *total)
{
    for (; text != NULL && *text; text++, ++*total)
        if (engine.class_of[(unsigned char)*text] == 0)
            engine.class_of[(unsigned char)*text] = (unsigned char)engine.classes++;
}

/* Byte classes and an upper bound of states, then the empty table. */
static void
make_room(void)
{
    size_t total = 1;
    engine.classes = 1; /* class 0: bytes in no needle */
    for (size_t i = 0; i < RULES; i++) {
        class_bytes(rules[i].needle, &total);
        class_bytes(rules[i].also, &total);
        class_bytes(rules[i].unless, &total);
    }
    for (size_t i = 0; i < SIGNS; i++)
        class_bytes(signs[i].needle, &total);
    if (total > STATES_MAX)
        BUG("needles of %zu bytes do not fit", total);
    engine.next = ARENA_ARRAY(&engine.arena, uint16_t, total * engine.classes);
    engine.found = ARENA_ARRAY(&engine.arena, uint16_t, total);
    engine.more = ARENA_ARRAY(&engine.arena, uint16_t, total);
    memset(engine.found, 0xff, total * sizeof *engine.found);
    engine.states = 1;
}

/* Breadth first: where a state has no way on, that of its longest proper suffix. */
static void
make_table(void)
{
    size_t k = engine.classes, at = 0, n = 0;
    uint16_t *queue = ARENA_ARRAY(&engine.arena, uint16_t, engine.states);
    uint16_t *suffix = ARENA_ARRAY(&engine.arena, uint16_t, engine.states);
    for (size_t c = 0; c < k; c++)
        if (engine.next[c] != 0)
            queue[n++] = engine.next[c];
    while (at < n) {
        uint16_t state = queue[at++], back = suffix[state];
        engine.more[state] = engine.found[back] != NOTHING ? back : engine.more[back];
        for (size_t c = 0; c < k; c++) {
            uint16_t *to = &engine.next[state * k + c], other = engine.next[back * k + c];
            if (*to == 0) {
                *to = other;
            } else {
                suffix[*to] = other;
                queue[n++] = *to;
            }
        }
    }
}

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
    uint16_t n = add_needle(r->needle);
    engine.rule_next[i] = NOTHING;
    engine.rule_also[i] = add_needle(r->also);
    engine.rule_unless[i] = add_needle(r->unless);
    read_enhanced(r->enhanced, engine.want[i]);
    if (n == NOTHING) {
        engine.code_row[engine.code_rows++] = i;
    } else {
        engine.rule_next[i] = engine.needle[n].rule;
        engine.needle[n].rule = i;
    }
    engine.rule_id[i] =
        r->id ? r->id : arena_printf(&engine.arena, "text.%s.%d", reason_word(r->reason).p, r->number).p;
}

static void
build(void)
{
    make_room();
    for (size_t i = 0; i < RULES; i++)
        add_rule((uint16_t)i);
    for (size_t i = 0; i < SIGNS; i++)
        engine.sign[i] = add_needle(signs[i].needle);
    make_table();
    for (size_t i = 0; i < ENHANCED; i++)
        for (int class = 4; class <= 5; class++)
            engine.enhanced_id[i][class - 4] = arena_printf(&engine.arena, "enhanced.%d.%d.%d", class,
                                                            enhanced[i].subject, enhanced[i].detail).p;
    for (int code = 200; code < CODES; code++)
        engine.code_id[code] = arena_printf(&engine.arena, "code.%d", code).p;
}

void
reply_rules_ready(void)
{
    pthread_once(&once, build);
}

static bool
has(const struct reply_hits *h, uint16_t needle)
{
    return (h->set[needle / 64] >> (needle % 64)) & 1;
}

/* Letters and digits, also those joined by dots and dashes: "spam" in "mx.spam-filter.example"
 * is not a word. */
static bool
is_word(char c)
{
    return str_is_alpha(c) || str_is_digit(c) || (unsigned char)c >= 0x80;
}

static bool
ends_word(str rest)
{
    if (rest.n == 0 || is_word(rest.p[0]))
        return rest.n == 0;
    return rest.n == 1 || (rest.p[0] != '.' && rest.p[0] != '-') || !is_word(rest.p[1]);
}

static bool
starts_word(str before)
{
    size_t n = before.n;
    if (n == 0 || is_word(before.p[n - 1]))
        return n == 0;
    return n == 1 || (before.p[n - 1] != '.' && before.p[n - 1] != '-') || !is_word(before.p[n - 2]);
}

static void
add_hits(struct reply_hits *h, str text, size_t end, uint16_t first)
{
    for (uint16_t n = first; n != NOTHING; n = engine.needle[n].next_same) {
        const struct needle *d = &engine.needle[n];
        if (has(h, n) || h->n == REPLY_HITS_MAX)
            continue;
        if (d->tail && !ends_word(str_skip(text, end)))
            continue;
        if (d->head && !starts_word(str_head(text, end - d->length)))
            continue;
        h->set[n / 64] |= (uint64_t)1 << (n % 64);
        h->list[h->n++] = n;
    }
}

void
reply_scan(str text, struct reply_hits *h)
{
    memset(h->set, 0, sizeof h->set);
    h->n = 0;
    size_t state = 0;
    for (size_t i = 0; i < text.n; i++) {
        state = engine.next[state * engine.classes + engine.class_of[(unsigned char)text.p[i]]];
        if (engine.found[state] != NOTHING)
            add_hits(h, text, i + 1, engine.found[state]);
        for (size_t s = engine.more[state]; s != 0; s = engine.more[s])
            add_hits(h, text, i + 1, engine.found[s]);
    }
}

const char *
reply_host_provider(str host)
{
    while (host.n > 0 && host.p[host.n - 1] == '.')
        host.n--;
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

/* Index of the first sign of a kind, or SIGNS. */
static size_t
find_sign(const struct reply_hits *h, enum sign_kind kind)
{
    size_t i = 0;
    while (i < SIGNS && !(signs[i].kind == kind && has(h, engine.sign[i])))
        i++;
    return i;
}

const char *
reply_marked_provider(const struct reply_hits *h)
{
    size_t i = h->n ? find_sign(h, SIGN_PROVIDER) : SIGNS;
    return i < SIGNS ? signs[i].name : NULL;
}

const char *
reply_blocklist(const struct reply_hits *h)
{
    size_t i = h->n ? find_sign(h, SIGN_BLOCKLIST) : SIGNS;
    return i < SIGNS ? signs[i].name : NULL;
}

enum stage
reply_dialogue(const struct reply_hits *h)
{
    size_t i = h->n ? find_sign(h, SIGN_DIALOGUE) : SIGNS;
    return i < SIGNS ? signs[i].stage : STAGE_UNKNOWN;
}

static bool
code_starts(int code, const char *prefix)
{
    char digits[16];
    snprintf(digits, sizeof digits, "%d", code);
    return strncmp(digits, prefix, strlen(prefix)) == 0;
}

static bool
holds(uint16_t i, const struct reply_hits *h, const struct reply_facts *f)
{
    const struct reply_rule *r = &rules[i];
    const int *want = engine.want[i];
    if (r->provider && !r->anyone && (f->provider == NULL || strcmp(r->provider, f->provider) != 0))
        return false;
    if (engine.rule_also[i] != NOTHING && !has(h, engine.rule_also[i]))
        return false;
    if (engine.rule_unless[i] != NOTHING && has(h, engine.rule_unless[i]))
        return false;
    if (r->enhanced) {
        bool detail = r->upto ? f->detail >= want[2] && f->detail <= r->upto : f->detail == want[2];
        if (f->class == 0 || !detail || f->subject != want[1] || (want[0] >= 0 && f->class != want[0]))
            return false;
    }
    if (r->at != STAGE_UNKNOWN && f->dialogue != r->at)
        return false;
    return r->code == NULL || (f->code != 0 && code_starts(f->code, r->code));
}

const struct reply_rule *
reply_rule_find(const struct reply_hits *h, const struct reply_facts *f)
{
    uint16_t best = NOTHING;
    for (size_t k = 0; k < h->n; k++)
        for (uint16_t i = engine.needle[h->list[k]].rule; i != NOTHING; i = engine.rule_next[i])
            if (i < best && holds(i, h, f))
                best = i;
    if (best != NOTHING && rules[best].provider)
        return &rules[best];
    if (f->provider && f->class != 0)
        for (size_t k = 0; k < engine.code_rows; k++)
            if (holds(engine.code_row[k], h, f))
                return &rules[engine.code_row[k]];
    return best != NOTHING ? &rules[best] : NULL;
}

const char *
reply_rule_name(const struct reply_rule *r)
{
    return engine.rule_id[r - rules];
}

struct reply_code
reply_enhanced_code(const struct reply_facts *f)
{
    for (size_t i = 0; i < ENHANCED; i++)
        if (enhanced[i].subject == f->subject && enhanced[i].detail == f->detail && f->class >= 4)
            return (struct reply_code){ enhanced[i].reason, engine.enhanced_id[i][f->class - 4] };
    return (struct reply_code){ 0 };
}

struct reply_code
reply_basic_code(int code)
{
    if (code < 200 || code >= CODES)
        return (struct reply_code){ 0 };
    struct reply_code c = { code < 400 ? REASON_NONE : REASON_UNDEFINED, engine.code_id[code] };
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
    return engine.rule_id[i];
}
