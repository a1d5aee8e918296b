/* Reads a file of rules and finds the one that holds.
 *
 * Everything is checked when it is read: a rule that cannot mean what it says
 * is an error with its line.  Texts are brought into the normal form of
 * replies, so that they may be pasted from a log. */
#include "reply_user.h"

#include <stdlib.h>

#include "arena.h"
#include "reply_parse.h"

enum { FILE_MAX = 1 << 20, NEEDLE_BYTES_MAX = 60000, ID_MAX = 64, HOST_MAX = 255 };

struct user_rule {
    struct reply_rule rule;
    uint16_t text[USER_TEXTS_MAX], unless[USER_TEXTS_MAX];
    size_t texts, unlesses;
    str host, provider;
    int code_from, code_to; /* 0: any */
    int class, subject, detail, detail_to;
    enum stage at;
    bool has_enhanced;
    uint16_t next; /* of those that hang on the same first text */
    int line;
};

struct user_rules {
    struct reply_needles *needles;
    struct user_rule *rules;
    size_t n, room, needle_bytes;
    uint16_t head[REPLY_NEEDLES_MAX];
    uint16_t bare[USER_RULES_MAX]; /* without a text */
    size_t bares;
};

static struct user_rules *loaded;
static struct arena arena; /* ids and providers are handed out, so they stay */
static unsigned generation;

unsigned
reply_user_generation(void)
{
    return generation;
}

/* Reading ------------------------------------------------------------------------------------------ */

struct reader {
    const char *path;
    int line;
    struct user_rules *rules;
    struct diag *diag;
};

#define WRONG(r, ...) wrong_at((r), __VA_ARGS__)
static bool
wrong_at(struct reader *r, const char *format, str what)
{
    return diag_set(r->diag, EXIT_USAGE, "%s:%d: %s%.*s", r->path, r->line, format,
                    PRSTR(str_head(what, 80)));
}

static bool
is_name(str s, size_t most)
{
    static const str allowed = S("abcdefghijklmnopqrstuvwxyz0123456789_.-");
    for (size_t i = 0; i < s.n; i++)
        if (str_find_char(allowed, s.p[i]) == STR_NONE)
            return false;
    return s.n > 0 && s.n <= most;
}

/* The next word, or "quoted value" behind a key; false where a quote is not closed. */
static bool
cut_value(struct reader *r, str *rest, str *out)
{
    if (rest->n == 0 || rest->p[0] != '"') {
        size_t n = 0;
        while (n < rest->n && !str_is_space(rest->p[n]))
            n++;
        *out = str_head(*rest, n);
        *rest = str_trim_left(str_skip(*rest, n));
        return true;
    }
    char *to = arena_alloc(&arena, rest->n);
    size_t n = 0, i = 1;
    for (; i < rest->n && rest->p[i] != '"'; i++) {
        if (rest->p[i] == '\\' && i + 1 < rest->n && (rest->p[i + 1] == '"' || rest->p[i + 1] == '\\'))
            i++;
        to[n++] = rest->p[i];
    }
    if (i >= rest->n)
        return WRONG(r, "a quote is not closed: ", *rest);
    *out = str_of(to, n);
    str after = str_skip(*rest, i + 1);
    if (after.n && !str_is_space(after.p[0]))
        return WRONG(r, "a blank is missing behind a closing quote: ", after);
    *rest = str_trim_left(after);
    return true;
}

/* A needle in normal form, its ~ kept. */
static bool
add_text(struct reader *r, str value, uint16_t list[USER_TEXTS_MAX], size_t *n)
{
    char normal[REPLY_TEXT_MAX];
    struct reply_parts none = { 0 };
    if (*n == USER_TEXTS_MAX)
        return WRONG(r, "more than four texts of one kind: ", value);
    if (value.n > USER_TEXT_MAX)
        return WRONG(r, "a text longer than 200 bytes: ", value);
    bool head = value.n && value.p[0] == '~', tail = value.n > 1 && value.p[value.n - 1] == '~';
    str words = reply_normal(str_head(str_skip(value, head), value.n - head - tail), &none, normal);
    if (words.n < 2)
        return WRONG(r, "a text of less than two characters: ", value);
    struct user_rules *u = r->rules;
    u->needle_bytes += words.n;
    if (u->needle_bytes > NEEDLE_BYTES_MAX)
        return WRONG(r, "the texts of the file are longer than 60000 bytes together", (str){ 0 });
    list[(*n)++] = reply_needle(
        u->needles, arena_printf(&arena, "%s%.*s%s", head ? "~" : "", PRSTR(words), tail ? "~" : "").p);
    return true;
}

/* "4", "55", "421" */
static bool
read_code(struct reader *r, str value, struct user_rule *u)
{
    if (!str_digits(value) || value.n > 3 || (value.p[0] != '4' && value.p[0] != '5'))
        return WRONG(r, "code= wants 4, 5, or the first digits of such a code, not ", value);
    int digits = 0, scale = value.n == 3 ? 1 : value.n == 2 ? 10 : 100;
    for (size_t i = 0; i < value.n; i++)
        digits = digits * 10 + (value.p[i] - '0');
    u->code_from = digits * scale;
    u->code_to = digits * scale + scale - 1;
    return true;
}

/* "5.7.1", "7.1" (4 or 5), "5.7.600-649" */
static bool
read_enhanced(struct reader *r, str value, struct user_rule *u)
{
    str s = value;
    size_t dots = 0;
    for (size_t i = 0; i < s.n; i++)
        dots += s.p[i] == '.';
    struct str_number class = { 0 };
    if (dots == 2) {
        class = str_cut_number(s, 1);
        s = str_after(class.rest, '.');
    }
    struct str_number subject = str_cut_number(s, 3),
                      detail = str_cut_number(str_after(subject.rest, '.'), 3);
    bool good = dots >= 1 && dots <= 2 && subject.ok && detail.ok &&
                (dots == 1 || (class.ok && (class.value == 4 || class.value == 5)));
    u->class = dots == 2 ? (int)class.value : 0;
    u->subject = (int)subject.value;
    u->detail = u->detail_to = (int)detail.value;
    u->has_enhanced = true;
    if (good && detail.rest.n) {
        struct str_number last = str_cut_number(str_after(detail.rest, '-'), 3);
        good = last.ok && last.rest.n == 0 && last.value >= detail.value;
        u->detail_to = (int)last.value;
    }
    return good || WRONG(r, "enhanced= wants 5.7.1, 7.1 or 5.7.600-649, not ", value);
}

static bool
read_stage(struct reader *r, str value, enum stage *stage)
{
    *stage = stage_from(value);
    return *stage != STAGE_UNKNOWN || WRONG(r, "no stage is called ", value);
}

static bool
read_retry(struct reader *r, str value, enum retry *retry)
{
    bool yes = str_eq(value, S("yes"));
    *retry = yes ? RETRY : NO_RETRY;
    return yes || str_eq(value, S("no")) || WRONG(r, "retry= wants yes or no, not ", value);
}

static bool
read_name(struct reader *r, str value, str *out)
{
    *out = arena_copy(&arena, value);
    return is_name(value, HOST_MAX) || WRONG(r, "a name is of a-z, 0-9, _ . and -, not ", value);
}

static bool
read_condition(struct reader *r, str key, str value, struct user_rule *u)
{
    if (str_eq(key, S("text")))
        return add_text(r, value, u->text, &u->texts);
    if (str_eq(key, S("unless")))
        return add_text(r, value, u->unless, &u->unlesses);
    if (str_eq(key, S("host")))
        return read_name(r, value, &u->host);
    if (str_eq(key, S("provider")))
        return (read_name(r, value, &u->provider) && reply_is_provider(u->provider)) ||
               WRONG(r, "no provider is called ", value);
    if (str_eq(key, S("code")))
        return read_code(r, value, u);
    if (str_eq(key, S("enhanced")))
        return read_enhanced(r, value, u);
    if (str_eq(key, S("at")))
        return read_stage(r, value, &u->at);
    if (str_eq(key, S("stage")))
        return read_stage(r, value, &u->rule.stage);
    if (str_eq(key, S("retry")))
        return read_retry(r, value, &u->rule.retry);
    str as;
    if (str_eq(key, S("as"))) {
        bool good = read_name(r, value, &as);
        u->rule.provider = as.p;
        return good;
    }
    return WRONG(r, "there is no ", key);
}

static bool
read_head(struct reader *r, str *rest, struct user_rule *u)
{
    str id, reason;
    if (!cut_value(r, rest, &id) || !cut_value(r, rest, &reason))
        return false;
    if (!is_name(id, ID_MAX))
        return WRONG(r, "an id is of a-z, 0-9, _ . and -, not ", id);
    u->rule.id = arena_printf(&arena, "user.%.*s", PRSTR(id)).p;
    for (size_t i = 0; i < r->rules->n; i++)
        if (strcmp(r->rules->rules[i].rule.id, u->rule.id) == 0)
            return diag_set(r->diag, EXIT_USAGE, "%s:%d: the id %.*s stands in line %d already", r->path,
                            r->line, PRSTR(id), r->rules->rules[i].line);
    u->rule.reason = reason_from(reason);
    if (reason.n == 0)
        return WRONG(r, "a rule reads ID REASON KEY=VALUE..., no reason behind ", id);
    return u->rule.reason != REASON_NONE || WRONG(r, "no reason is called ", reason);
}

static bool
read_rule(struct reader *r, str line)
{
    struct user_rule u = { .line = r->line };
    struct user_rules *all = r->rules;
    str rest = line;
    if (!read_head(r, &rest, &u))
        return false;
    while (rest.n) {
        size_t equals = str_find_char(rest, '='), blank = str_find_char(rest, ' ');
        if (equals == STR_NONE || equals == 0 || blank < equals)
            return WRONG(r, "a condition reads KEY=VALUE, not ", rest);
        str key = str_head(rest, equals), value;
        rest = str_skip(rest, equals + 1);
        if (!cut_value(r, &rest, &value))
            return false;
        if (value.n == 0)
            return WRONG(r, "no value behind ", key);
        if (!read_condition(r, key, value, &u))
            return false;
    }
    if (!u.texts && !u.host.n && !u.provider.n && !u.code_from && !u.has_enhanced)
        return WRONG(r, "a rule needs one of text=, host=, provider=, code=, enhanced=: ", line);
    if (all->n == USER_RULES_MAX)
        return WRONG(r, "more than 4096 rules", (str){ 0 });
    if (all->n == all->room) {
        all->room = all->room ? 2 * all->room : 64;
        all->rules = xrealloc(all->rules, all->room * sizeof *all->rules);
    }
    all->rules[all->n++] = u;
    return true;
}

/* Rules hang on their first text, as ours do. */
static void
hang(struct user_rules *u)
{
    memset(u->head, 0xff, sizeof u->head);
    for (size_t i = 0; i < u->n; i++) {
        struct user_rule *rule = &u->rules[i];
        if (rule->texts == 0) {
            u->bare[u->bares++] = (uint16_t)i;
            continue;
        }
        rule->next = u->head[rule->text[0]];
        u->head[rule->text[0]] = (uint16_t)i;
    }
    reply_needles_build(u->needles);
}

static void
rules_free(struct user_rules *u)
{
    if (u == NULL)
        return;
    reply_needles_free(u->needles);
    free(u->rules);
    free(u);
}

bool
reply_user_load(str bytes, const char *path, struct diag *d)
{
    if (bytes.n > FILE_MAX)
        return diag_set(d, EXIT_USAGE, "%s: longer than %d bytes", path, FILE_MAX);
    struct reader r = { .path = path, .diag = d, .rules = xcalloc(1, sizeof(struct user_rules)) };
    reply_rules_ready();
    r.rules->needles = reply_needles_new();
    bool good = true;
    for (struct str_cut lines = { .tail = bytes }; good && lines.tail.n;) {
        lines = str_cut(lines.tail, '\n');
        r.line++;
        str line = str_trim(lines.head);
        if (line.n && line.p[0] != '#')
            good = read_rule(&r, line);
    }
    if (!good) {
        rules_free(r.rules);
        return false;
    }
    hang(r.rules);
    rules_free(loaded);
    loaded = r.rules;
    if (loaded->n == 0) {
        rules_free(loaded);
        loaded = NULL;
    }
    generation++;
    return true;
}

/* Finding ------------------------------------------------------------------------------------------ */

static bool
is_below(str host, str domain)
{
    while (host.n && host.p[host.n - 1] == '.')
        host.n--;
    if (host.n < domain.n || !str_ieq(str_skip(host, host.n - domain.n), domain))
        return false;
    return host.n == domain.n || host.p[host.n - domain.n - 1] == '.';
}

static bool
holds(const struct user_rule *u, const struct reply_hits *h, str host, const struct reply_facts *f)
{
    for (size_t i = 1; i < u->texts; i++)
        if (!reply_hit(h, u->text[i]))
            return false;
    for (size_t i = 0; i < u->unlesses; i++)
        if (reply_hit(h, u->unless[i]))
            return false;
    if (u->host.n && !is_below(host, u->host))
        return false;
    if (u->provider.n && (f->provider == NULL || !str_eq(str_from(f->provider), u->provider)))
        return false;
    if (u->code_from && (f->code < u->code_from || f->code > u->code_to))
        return false;
    if (u->at != STAGE_UNKNOWN && f->dialogue != u->at)
        return false;
    return !u->has_enhanced ||
           (f->class != 0 && (u->class == 0 || f->class == u->class) && f->subject == u->subject &&
            f->detail >= u->detail && f->detail <= u->detail_to);
}

const struct reply_rule *
reply_user_find(str normal, str host, const struct reply_facts *f)
{
    if (loaded == NULL)
        return NULL;
    struct reply_hits hits;
    size_t best = SIZE_MAX;
    reply_scan(loaded->needles, normal, &hits);
    for (size_t k = 0; k < hits.n; k++)
        for (uint16_t i = loaded->head[hits.list[k]]; i != NO_NEEDLE; i = loaded->rules[i].next)
            if (i < best && holds(&loaded->rules[i], &hits, host, f))
                best = i;
    for (size_t k = 0; k < loaded->bares && loaded->bare[k] < best; k++)
        if (holds(&loaded->rules[loaded->bare[k]], &hits, host, f))
            best = loaded->bare[k];
    return best == SIZE_MAX ? NULL : &loaded->rules[best].rule;
}
