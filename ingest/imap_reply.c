/* Responses of IMAP servers: text in, values out.  imap.c reads them from the connection. */
#include "imap_reply.h"

#include "buf.h"

bool
imap_literal_follows(str line, uint64_t *size, size_t *mark)
{
    if (!str_ends(line, S("}")))
        return false;
    size_t open = str_rfind_char(line, '{');
    if (open == STR_NONE)
        return false;
    str number = str_of(line.p + open + 1, line.n - open - 2);
    if (str_ends(number, S("+")))
        number = str_head(number, number.n - 1);
    *mark = open;
    return str_to_u64(number, size);
}

bool
imap_may_hold_literals(str line)
{
    if (!str_starts(line, S("* ")))
        return false;
    enum imap_word word = imap_parse_status(str_skip(line, 2)).word;
    return word == IMAP_OTHER;
}

struct imap_status
imap_parse_status(str s)
{
    static const struct {
        str word;
        enum imap_word value;
    } words[] = { { S("OK"), IMAP_OK },
                  { S("NO"), IMAP_NO },
                  { S("BAD"), IMAP_BAD },
                  { S("BYE"), IMAP_BYE },
                  { S("PREAUTH"), IMAP_OK } };
    struct imap_status out = { .word = IMAP_OTHER, .text = s };
    struct str_cut c = str_cut(s, ' ');
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_ieq(c.head, words[i].word)) {
            out.word = words[i].value;
            out.text = str_trim(c.tail);
        }
    size_t close = str_find_char(out.text, ']');
    if (out.word != IMAP_OTHER && str_starts(out.text, S("[")) && close != STR_NONE) {
        out.code = str_of(out.text.p + 1, close - 1);
        out.text = str_trim(str_skip(out.text, close + 1));
    }
    return out;
}

static bool
has_any(str s, const char *const *words)
{
    for (; *words; words++)
        if (str_ifind(s, str_from(*words)) != STR_NONE)
            return true;
    return false;
}

bool
imap_passes(str s, bool busy, int *wait_s)
{
    static const char *const much[] = {
        "[THROTTLED]", "[LIMIT]", "throttled", "too many simultaneous", "too many connections", NULL
    };
    static const char *const away[] = {
        "[UNAVAILABLE]",     "[INUSE]", "server unavailable", "server busy", "try again later",
        "but not connected", NULL
    };
    enum { MOST_S = 3600 };
    str mark = S("Backoff Time: ");
    size_t at = str_ifind(s, mark); /* Exchange: "Suggested Backoff Time: 299000 milliseconds" */
    struct str_number n = str_cut_number(at == STR_NONE ? (str){ 0 } : str_skip(s, at + mark.n), 9);
    *wait_s = !n.ok ? 0 : n.value / 1000 < MOST_S ? (int)(n.value / 1000) + 1 : MOST_S;
    return has_any(s, much) || (!busy && has_any(s, away));
}

bool
imap_tells_removal(str s)
{
    static const char *const words[] = { "[EXPUNGEISSUED]", "no longer exist", "have been expunged",
                                         "been deleted", NULL };
    return has_any(s, words);
}

uint64_t
imap_number(str s, str word)
{
    struct str_cut c = str_cut(s, ' ');
    str number = str_ieq(c.head, word) ? c.tail : str_ieq(str_trim(c.tail), word) ? c.head : (str){ 0 };
    struct str_number n = str_cut_number(number, 20);
    return n.ok ? n.value : 0;
}

/* Values ------------------------------------------------------------------------------------------- */

enum kind { ATOM, QUOTED, LITERAL, LIST };
struct value {
    enum kind kind;
    str text; /* without quotes or brackets; quoted ones still with their backslashes */
};

/* "{3}\r\nabc" at the start of s: where the bytes begin and end; false: none, or cut. */
static bool
literal_span(str s, size_t *from, size_t *to)
{
    struct str_number n = str_cut_number(str_skip(s, 1), 19);
    str rest = n.rest;
    if (!n.ok)
        return false;
    if (str_starts(rest, S("+")))
        rest = str_skip(rest, 1);
    if (!str_starts(rest, S("}\r\n")))
        return false;
    *from = s.n - rest.n + 3;
    if (n.value > s.n - *from)
        return false;
    *to = *from + (size_t)n.value;
    return true;
}

/* The length of a parenthesized list with all that it holds; 0: it does not end, or is too deep. */
static size_t
list_length(str s)
{
    int depth = 0;
    for (size_t i = 0; i < s.n;) {
        size_t from, to, n;
        str rest = str_skip(s, i);
        if (s.p[i] == '"') {
            if ((n = str_quoted_length(rest)) == 0)
                return 0;
            i += n;
            continue;
        }
        if (s.p[i] == '{' && literal_span(rest, &from, &to)) {
            i += to;
            continue;
        }
        if (s.p[i] == '(' && ++depth > IMAP_MAX_NESTING)
            return 0;
        if (s.p[i] == ')' && --depth == 0)
            return i + 1;
        i++;
    }
    return 0;
}

static size_t
atom_length(str s)
{
    bool bracket = false; /* BODY[HEADER.FIELDS (FROM)] */
    size_t i = 0;
    for (; i < s.n; i++) {
        if (s.p[i] == '[')
            bracket = true;
        else if (s.p[i] == ']')
            bracket = false;
        else if (!bracket && (s.p[i] == ' ' || s.p[i] == '(' || s.p[i] == ')' || s.p[i] == '\r'))
            break;
    }
    return i;
}

/* Takes the value that *s begins with. */
static bool
take_value(str *s, struct value *v)
{
    size_t n, from, to;
    *s = str_trim_left(*s);
    if (s->n == 0)
        return false;
    if (s->p[0] == '~' && s->n > 1 && s->p[1] == '{')
        *s = str_skip(*s, 1);
    if (s->p[0] == '"') {
        if ((n = str_quoted_length(*s)) == 0)
            return false;
        *v = (struct value){ QUOTED, str_of(s->p + 1, n - 2) };
    } else if (s->p[0] == '(') {
        if ((n = list_length(*s)) == 0)
            return false;
        *v = (struct value){ LIST, str_of(s->p + 1, n - 2) };
    } else if (s->p[0] == '{' && literal_span(*s, &from, &to)) {
        n = to;
        *v = (struct value){ LITERAL, str_of(s->p + from, to - from) };
    } else {
        if ((n = atom_length(*s)) == 0)
            return false;
        *v = (struct value){ ATOM, str_head(*s, n) };
    }
    *s = str_skip(*s, n);
    return true;
}

static str
value_text(struct arena *a, const struct value *v)
{
    if (v->kind == ATOM && str_ieq(v->text, S("NIL")))
        return (str){ 0 };
    if (v->kind != QUOTED || str_find_char(v->text, '\\') == STR_NONE)
        return v->text;
    char *p = arena_alloc(a, v->text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < v->text.n; i++) {
        if (v->text.p[i] == '\\' && i + 1 < v->text.n)
            i++;
        p[n++] = v->text.p[i];
    }
    return str_of(p, n);
}

/* "17-Jul-1996 02:44:25 -0700", the day perhaps " 7". */
static when
internal_date(struct arena *a, str s)
{
    char *p = arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] == '-' && i < 8 ? ' ' : s.p[i];
    struct when_result r = when_rfc5322(str_trim(str_of(p, s.n)));
    return r.ok ? r.at : WHEN_NONE;
}

bool
imap_parse_fetch(struct arena *a, str response, struct imap_fetch *f)
{
    struct value v, name;
    *f = (struct imap_fetch){ .at = WHEN_NONE };
    str s = str_skip(response, 2);
    if (!str_starts(response, S("* ")) || !take_value(&s, &v) || v.kind != ATOM || !str_digits(v.text) ||
        !take_value(&s, &name) || !str_ieq(name.text, S("FETCH")) || !take_value(&s, &v) || v.kind != LIST)
        return false;
    for (s = v.text; take_value(&s, &name) && take_value(&s, &v);) {
        uint64_t n;
        if (str_ieq(name.text, S("UID")) && str_to_u64(v.text, &n) && n <= UINT32_MAX) {
            f->uid = (uint32_t)n;
        } else if (str_ieq(name.text, S("RFC822.SIZE")) && str_to_u64(v.text, &n)) {
            f->size = n;
            f->has_size = true;
        } else if (str_ieq(name.text, S("INTERNALDATE"))) {
            f->at = internal_date(a, v.text);
        } else if (str_istarts(name.text, S("BODY[")) && !f->has_body && v.kind != LIST) {
            f->body = value_text(a, &v);
            f->has_body = v.kind != ATOM;
            f->has_nil = v.kind == ATOM && str_ieq(v.text, S("NIL"));
        }
    }
    return true;
}

bool
imap_has_word(str words, str word)
{
    while (words.n) {
        struct str_cut c = str_cut(str_trim_left(words), ' ');
        if (str_ieq(c.head, word))
            return true;
        words = c.tail;
    }
    return false;
}

bool
imap_parse_list(struct arena *a, str response, struct imap_list *l)
{
    struct value word, flags, delimiter, name;
    *l = (struct imap_list){ .closed = false };
    str s = str_skip(response, 2);
    if (!str_starts(response, S("* ")) || !take_value(&s, &word) || !str_ieq(word.text, S("LIST")) ||
        !take_value(&s, &flags) || flags.kind != LIST || !take_value(&s, &delimiter) ||
        !take_value(&s, &name))
        return false;
    l->name = value_text(a, &name);
    l->closed = imap_has_word(flags.text, S("\\Noselect")) || imap_has_word(flags.text, S("\\NonExistent"));
    l->copies = imap_has_word(flags.text, S("\\All")) || imap_has_word(flags.text, S("\\Flagged")) ||
                imap_has_word(flags.text, S("\\Important"));
    return l->name.n > 0;
}

/* Commands ----------------------------------------------------------------------------------------- */

str
imap_quote(struct arena *a, str s)
{
    char *p = arena_alloc(a, 2 * s.n + 3);
    size_t n = 0;
    p[n++] = '"';
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            p[n++] = '\\';
        p[n++] = s.p[i];
    }
    p[n++] = '"';
    return str_of(p, n);
}

str
imap_set(struct arena *a, const uint32_t *uids, size_t n, size_t room, size_t *taken)
{
    enum { MOST = 24 }; /* characters of ",4294967295:4294967295", and some */
    struct buf b = { 0 };
    *taken = 0;
    while (*taken < n && b.n + MOST <= room) {
        size_t from = *taken, to = from;
        while (to + 1 < n && uids[to + 1] == uids[to] + 1)
            to++;
        buf_printf(&b, "%s%u", b.n ? "," : "", uids[from]);
        if (to > from)
            buf_printf(&b, ":%u", uids[to]);
        *taken = to + 1;
    }
    str s = arena_copy(a, buf_str(&b));
    buf_free(&b);
    return s;
}
