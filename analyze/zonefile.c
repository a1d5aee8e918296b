/* The syntax of master files.  Not done: $INCLUDE and $GENERATE (reported as bad entries). */
#include "zonefile.h"

#include "dns.h"

struct zonefile
zonefile_init(struct arena *a, str text)
{
    if (str_starts(text, S("\xEF\xBB\xBF")))
        text = str_skip(text, 3);
    return (struct zonefile){ .arena = a, .rest = text, .line = 0 };
}

/* The byte an escape stands for: "\DDD" or "\X" at s (after the backslash); length 0: bad. */
static size_t
escape(str s, char *out)
{
    if (s.n == 0)
        return 0;
    if (!str_is_digit(s.p[0])) {
        *out = s.p[0];
        return 1;
    }
    if (s.n < 3 || !str_is_digit(s.p[1]) || !str_is_digit(s.p[2]))
        return 0;
    int v = (s.p[0] - '0') * 100 + (s.p[1] - '0') * 10 + (s.p[2] - '0');
    if (v > 255)
        return 0;
    *out = (char)v;
    return 3;
}

bool
zonefile_bytes(struct zonefile *z, struct zone_token token, str *out)
{
    char *p = arena_alloc(z->arena, token.text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < token.text.n;) {
        if (token.text.p[i] != '\\') {
            p[n++] = token.text.p[i++];
            continue;
        }
        size_t length = escape(str_skip(token.text, i + 1), &p[n]);
        if (length == 0)
            return false;
        i += 1 + length;
        n++;
    }
    *out = str_of(p, n);
    return true;
}

bool
zonefile_name(struct zonefile *z, struct zone_token token, str *out)
{
    str t = token.text;
    *out = S("");
    if (str_eq(t, S("."))) {
        return true;
    }
    if (str_eq(t, S("@")) && !token.quoted) {
        *out = z->origin;
        return true;
    }
    char *p = arena_alloc(z->arena, 2 * t.n + z->origin.n + 2);
    size_t n = 0;
    bool absolute = false;
    for (size_t i = 0; i < t.n;) {
        char c = t.p[i];
        absolute = c == '.';
        if (c != '\\') {
            p[n++] = c;
            i++;
            continue;
        }
        size_t length = escape(str_skip(t, i + 1), &c);
        if (length == 0)
            return false;
        if (c == '.' || c == '\\')
            p[n++] = '\\';
        p[n++] = c;
        i += 1 + length;
    }
    if (!absolute && z->origin.n) {
        p[n++] = '.';
        memcpy(p + n, z->origin.p, z->origin.n);
        n += z->origin.n;
    }
    return dns_name(z->arena, str_of(p, n), out);
}

/* Cuts the next physical line, without its end; false at the end of the text. */
static bool
next_line(struct zonefile *z, str *line)
{
    if (z->rest.n == 0)
        return false;
    struct str_cut cut = str_cut(z->rest, '\n');
    *line = str_ends(cut.head, S("\r")) ? str_head(cut.head, cut.head.n - 1) : cut.head;
    z->rest = cut.tail;
    z->line++;
    return true;
}

struct tokens {
    struct zone_token *items;
    size_t n, room;
    int depth; /* of parentheses */
    const char *bad;
};

/* A quoted string; s starts behind the quote.  Gives what follows the closing one. */
static str
cut_quoted(struct zonefile *z, str s, struct tokens *t)
{
    size_t i = 0;
    while (i < s.n && s.p[i] != '"')
        i += s.p[i] == '\\' && i + 1 < s.n ? 2 : 1;
    if (i >= s.n) {
        t->bad = "a quoted string does not end on its line";
        return S("");
    }
    ARENA_PUSH(z->arena, t->items, t->n, t->room) = (struct zone_token){ str_head(s, i), true };
    return str_skip(s, i + 1);
}

static str
cut_word(struct zonefile *z, str s, struct tokens *t)
{
    size_t i = 0;
    while (i < s.n && !memchr(" \t()\";", s.p[i], 6))
        i += s.p[i] == '\\' && i + 1 < s.n ? 2 : 1;
    if (i == 0) {
        t->bad = "a byte that starts no word";
        return S("");
    }
    ARENA_PUSH(z->arena, t->items, t->n, t->room) = (struct zone_token){ str_head(s, i), false };
    return str_skip(s, i);
}

/* Adds the tokens of one physical line. */
static void
tokenize(struct zonefile *z, str s, struct tokens *t)
{
    while (s.n && t->bad == NULL) {
        char c = s.p[0];
        if (c == ';')
            return;
        if (t->n >= ZONEFILE_MAX_TOKENS)
            t->bad = "too many words in one entry";
        else if (c == ' ' || c == '\t')
            s = str_skip(s, 1);
        else if (c == '(') {
            t->depth++;
            s = str_skip(s, 1);
        } else if (c == ')') {
            if (--t->depth < 0)
                t->bad = "a closing parenthesis without an opening one";
            s = str_skip(s, 1);
        } else if (c == '"')
            s = cut_quoted(z, str_skip(s, 1), t);
        else
            s = cut_word(z, s, t);
    }
}

/* TTLs: seconds, or as BIND writes them, 1h30m. */
static bool
is_ttl(str s)
{
    if (s.n == 0 || !str_is_digit(s.p[0]))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!str_is_digit(s.p[i]) && !memchr("sSmMhHdDwW", s.p[i], 10))
            return false;
    return true;
}

static bool
is_class(str s)
{
    return str_ieq(s, S("IN")) || str_ieq(s, S("CH")) || str_ieq(s, S("HS"));
}

static enum zone_step
bad(struct zone_entry *e, const char *reason)
{
    e->reason = reason;
    return ZONE_BAD;
}

/* "$ORIGIN name" and kin; ZONE_END here says that there is nothing for the caller. */
static enum zone_step
control(struct zonefile *z, struct tokens t, struct zone_entry *e)
{
    if (str_ieq(t.items[0].text, S("$TTL")))
        return t.n == 2 && is_ttl(t.items[1].text) ? ZONE_END : bad(e, "$TTL needs a number");
    if (!str_ieq(t.items[0].text, S("$ORIGIN")))
        return bad(e, "only $ORIGIN and $TTL are understood");
    str name;
    if (t.n != 2 || !zonefile_name(z, t.items[1], &name))
        return bad(e, "$ORIGIN needs a name");
    z->origin = name;
    return ZONE_END;
}

static enum zone_step
record(struct zonefile *z, struct tokens t, bool owner_omitted, struct zone_entry *e)
{
    size_t i = 0;
    if (!owner_omitted) {
        z->has_owner = zonefile_name(z, t.items[i++], &z->owner);
        if (!z->has_owner)
            return bad(e, "the owner is not a name (RFC 1035 section 5.1)");
    } else if (!z->has_owner) {
        return bad(e, "the first record has no owner (RFC 1035 section 5.1)");
    }
    for (int seen = 0; seen < 2 && i < t.n && (is_ttl(t.items[i].text) || is_class(t.items[i].text)); seen++)
        i++;
    if (i >= t.n)
        return bad(e, "the record has no type");
    e->owner = z->owner;
    e->type = t.items[i].text;
    e->tokens = t.items + i + 1;
    e->n = t.n - i - 1;
    return ZONE_RECORD;
}

/* ";@ word word": a comment to everybody else. */
static bool
is_directive(str line)
{
    return str_starts(str_trim_left(line), S(";@"));
}

enum zone_step
zonefile_next(struct zonefile *z, struct zone_entry *e)
{
    str line;
    while (next_line(z, &line)) {
        struct tokens t = { 0 };
        *e = (struct zone_entry){ .line = z->line };
        if (is_directive(line)) {
            tokenize(z, str_skip(str_trim_left(line), 2), &t);
            e->tokens = t.items;
            e->n = t.n;
            return t.bad || t.depth || t.n == 0 ? bad(e, "a directive that cannot be read") : ZONE_DIRECTIVE;
        }
        bool owner_omitted = line.n && (line.p[0] == ' ' || line.p[0] == '\t');
        tokenize(z, line, &t);
        while (t.bad == NULL && t.depth > 0 && next_line(z, &line))
            tokenize(z, line, &t);
        if (t.bad || t.depth > 0)
            return bad(e, t.bad ? t.bad : "a parenthesis is never closed");
        if (t.n == 0)
            continue;
        enum zone_step step = !t.items[0].quoted && str_starts(t.items[0].text, S("$")) && !owner_omitted
                                  ? control(z, t, e)
                                  : record(z, t, owner_omitted, e);
        if (step != ZONE_END)
            return step;
    }
    return ZONE_END;
}
