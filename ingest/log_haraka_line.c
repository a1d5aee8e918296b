/* Lines of Haraka as level, uuid, origin, message and pairs: default form, logfmt, JSON. */
#include "json_read.h"
#include "log_haraka.h"

static bool
is_key_char(char c)
{
    return str_is_alpha(c) || str_is_digit(c) || c == '_' || c == '-' || c == '.';
}

/* key="quoted \" value" or key=value at the start of s; false if there is none. */
static bool
cut_pair(str *s, struct haraka_pair *pair, struct arena *a)
{
    size_t n = 0;
    while (n < s->n && is_key_char(s->p[n]))
        n++;
    if (n == 0 || n == s->n || s->p[n] != '=')
        return false;
    pair->key = str_head(*s, n);
    str value = str_skip(*s, n + 1);
    if (value.n == 0 || value.p[0] != '"') {
        size_t end = str_find_char(value, ' ');
        pair->value = end == STR_NONE ? value : str_head(value, end);
        *s = str_skip(value, pair->value.n);
        return true;
    }
    char *p = arena_alloc(a, value.n);
    size_t out = 0, i = 1;
    for (; i < value.n && value.p[i] != '"'; i++) {
        if (value.p[i] == '\\' && i + 1 < value.n)
            i++;
        p[out++] = value.p[i];
    }
    pair->value = str_of(p, out);
    *s = str_skip(value, i + 1);
    return true;
}

static void
keep_pair(struct haraka_line *l, struct haraka_pair pair)
{
    if (l->n < HARAKA_MAX_PAIRS)
        l->pairs[l->n++] = pair;
}

/* Pairs, and words between them ("delivered file=..." is one key for Haraka). */
static void
read_pairs(struct haraka_line *l, str s, struct arena *a)
{
    while (s.n) {
        struct haraka_pair pair;
        s = str_trim_left(s);
        if (cut_pair(&s, &pair, a)) {
            keep_pair(l, pair);
        } else {
            size_t end = str_find_char(s, ' ');
            str word = end == STR_NONE ? s : str_head(s, end);
            if (l->message.n == 0 && word.n)
                l->message = word;
            s = str_skip(s, word.n);
        }
    }
}

/* Where the pairs begin in a message: behind the last word that is none, where all that follows are. */
static size_t
pairs_at(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((i > 0 && s.p[i - 1] != ' ') || !is_key_char(s.p[i]))
            continue;
        size_t n = i;
        while (n < s.n && is_key_char(s.p[n]))
            n++;
        if (n < s.n && s.p[n] == '=' && !str_is_digit(s.p[i]))
            return i;
    }
    return s.n;
}

/* "[x] " */
static bool
cut_bracket(str *s, str *inside)
{
    if (s->n == 0 || s->p[0] != '[')
        return false;
    size_t end = str_find_char(*s, ']');
    if (end == STR_NONE)
        return false;
    *inside = str_of(s->p + 1, end - 1);
    *s = str_trim_left(str_skip(*s, end + 1));
    return true;
}

static bool
is_level(str s)
{
    static const str levels[] = { S("DATA"), S("PROTOCOL"), S("DEBUG"), S("INFO"),  S("NOTICE"),
                                  S("WARN"), S("ERROR"),    S("CRIT"),  S("ALERT"), S("EMERG") };
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (str_eq(s, levels[i]))
            return true;
    return false;
}

/* What logfmt and JSON have as pairs, and the default form as brackets. */
static bool
lift_heads(struct haraka_line *l)
{
    l->level = haraka_get(l, "level");
    l->uuid = haraka_get(l, "uuid");
    if (l->uuid.n == 0)
        l->uuid = haraka_get(l, "connection_uuid");
    l->origin = haraka_get(l, "origin");
    str message = str_trim(haraka_get(l, "message"));
    if (message.n)
        l->message = message;
    return is_level(l->level);
}

static bool
read_json(struct haraka_line *l, str text, struct arena *a)
{
    const struct json_value *v = json_read(a, text, NULL);
    if (!json_is(v, JSON_OBJECT))
        return false;
    for (size_t i = 0; i < v->n; i++) {
        const struct json_value *item = &v->items[i];
        str value = json_is(item, JSON_BOOL) ? item->truth ? S("true") : S("false") : json_text(item);
        struct str_cut key = str_cut(v->items[i].name, ' ');
        keep_pair(l, (struct haraka_pair){ key.found ? key.tail : key.head, value });
        if (key.found && l->message.n == 0)
            l->message = key.head; /* "delivered file" */
    }
    return lift_heads(l);
}

bool
haraka_line_read(struct haraka_line *l, str text, struct arena *a)
{
    *l = (struct haraka_line){ .n = 0 };
    if (text.n && text.p[0] == '{')
        return read_json(l, text, a);
    if (str_starts(text, S("level="))) {
        read_pairs(l, text, a);
        return lift_heads(l);
    }
    if (text.n > 5 && text.p[0] == '\x1b') { /* a terminal's colours */
        size_t m = str_find_char(text, 'm');
        text = m == STR_NONE ? text : str_skip(text, m + 1);
        size_t escape = str_rfind_char(text, '\x1b');
        text = escape == STR_NONE ? text : str_head(text, escape);
    }
    if (!cut_bracket(&text, &l->level) || !is_level(l->level) || !cut_bracket(&text, &l->uuid) ||
        !cut_bracket(&text, &l->origin))
        return false;
    size_t at = pairs_at(text);
    l->message = str_trim(str_head(text, at));
    str message = l->message;
    read_pairs(l, str_skip(text, at), a);
    l->message = message.n ? message : l->message;
    if (str_ends(l->message, S("delivered")) || str_starts(l->message, S("delivered")))
        l->message = S("delivered");
    return true;
}

str
haraka_get(const struct haraka_line *l, const char *key)
{
    str wanted = str_from(key);
    for (size_t i = 0; i < l->n; i++)
        if (str_eq(l->pairs[i].key, wanted))
            return l->pairs[i].value;
    return (str){ 0 };
}

str
haraka_angle(str s)
{
    size_t open = str_find_char(s, '<'), close = str_rfind_char(s, '>');
    return open != STR_NONE && close != STR_NONE && close > open ? str_of(s.p + open + 1, close - open - 1)
                                                                 : s;
}

void
haraka_ignore(struct event *e, const char *why)
{
    e->kind = EVENT_IGNORED;
    e->why = why;
}
