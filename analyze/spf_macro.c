/* SPF macros (RFC 7208 section 7): grammar and expansion.
 *
 * Everything goes through growing buffers with bounds; the digits of a macro
 * may be as many as they like. */
#include "spf_internal.h"

enum {
    MACRO_MAX_BYTES = 16384, /* of one expansion; what is longer is cut */
    MACRO_MAX_COUNT = 256,   /* macros in one expansion; what follows is dropped */
};

/* "%{" letter digits "r" delimiters "}", taken apart. */
struct macro {
    char letter; /* lower case */
    bool escape; /* upper case was written: URL escapes */
    size_t keep; /* labels to keep; 0: all */
    bool reverse;
    str delimiters;
    str rest; /* what follows the brace */
    bool ok;
};

static struct macro
macro_parse(str s, bool explanation)
{
    struct macro m = { 0 };
    if (s.n < 4 || s.p[0] != '%' || s.p[1] != '{')
        return m;
    m.letter = str_lower_char(s.p[2]);
    m.escape = s.p[2] != m.letter;
    if (!memchr("slodiphvcrt", m.letter, explanation ? 11 : 8))
        return m;
    size_t i = 3;
    bool digits = false;
    for (; i < s.n && str_is_digit(s.p[i]); i++) {
        digits = true;
        if (m.keep < 1000)
            m.keep = m.keep * 10 + (size_t)(s.p[i] - '0');
    }
    if (digits && m.keep == 0)
        return m;
    if (i < s.n && (s.p[i] == 'r' || s.p[i] == 'R')) {
        m.reverse = true;
        i++;
    }
    size_t start = i;
    while (i < s.n && memchr(".-+,/_=", s.p[i], 7))
        i++;
    if (i >= s.n || s.p[i] != '}')
        return m;
    m.delimiters = str_of(s.p + start, i - start);
    m.rest = str_skip(s, i + 1);
    m.ok = true;
    return m;
}

/* Valid up to here; *last (may be NULL) gives where the last macro-expand ends, 0 for none. */
static bool
macro_walk(str s, bool explanation, size_t *last)
{
    str all = s;
    while (s.n) {
        unsigned char c = (unsigned char)s.p[0];
        if (c != '%') {
            if (c < 0x21 || c > 0x7e)
                if (!explanation || c != ' ')
                    return false;
            s = str_skip(s, 1);
            continue;
        }
        if (s.n >= 2 && memchr("%_-", s.p[1], 3)) {
            s = str_skip(s, 2);
        } else {
            struct macro m = macro_parse(s, explanation);
            if (!m.ok)
                return false;
            s = m.rest;
        }
        if (last)
            *last = all.n - s.n;
    }
    return true;
}

bool
spf_macro_has_local(str s)
{
    while (s.n) {
        struct macro m = macro_parse(s, true);
        if (m.ok && (m.letter == 's' || m.letter == 'l'))
            return true;
        s = m.ok ? m.rest : str_skip(s, s.p[0] == '%' ? 2 : 1);
    }
    return false;
}

bool
spf_macro_valid(str s, bool explanation)
{
    return macro_walk(s, explanation, NULL);
}

/* toplabel: letters, digits, inner hyphens, and not digits alone. */
static bool
is_toplabel(str s)
{
    bool other = false;
    for (size_t i = 0; i < s.n; i++) {
        if (!str_is_alpha(s.p[i]) && !str_is_digit(s.p[i]) && s.p[i] != '-')
            return false;
        other |= !str_is_digit(s.p[i]);
    }
    return s.n && other && s.p[0] != '-' && s.p[s.n - 1] != '-';
}

bool
spf_domain_spec_valid(str s)
{
    size_t last = 0;
    if (s.n == 0 || !macro_walk(s, false, &last))
        return false;
    if (last == s.n)
        return true; /* domain-end is any macro-expand, also "%%" */
    str tail = str_skip(s, last);
    if (str_ends(tail, S(".")))
        tail.n--;
    struct str_cut cut = str_rcut(tail, '.');
    return cut.found && is_toplabel(cut.tail);
}

/* The client's address: dotted bytes, or dotted nibbles (section 7.3). */
static str
dotted(struct spf *spf)
{
    if (spf->ip.family == 4)
        return ip_format(spf->arena, spf->ip);
    static const char hex[] =
        "0123456789ABCDEF"; /* names ignore case; published explanations expect capitals */
    char *p = arena_alloc(spf->arena, 64);
    for (size_t i = 0; i < 16; i++) {
        p[4 * i] = hex[spf->ip.byte[i] >> 4];
        p[4 * i + 1] = '.';
        p[4 * i + 2] = hex[spf->ip.byte[i] & 15];
        p[4 * i + 3] = '.';
    }
    return str_of(p, 63);
}

static str
macro_value(struct spf *spf, char letter, str domain)
{
    switch (letter) {
    case 's': return arena_join(spf->arena, spf->local, S("@"), spf->sender_domain);
    case 'l': return spf->local;
    case 'o': return spf->sender_domain;
    case 'd': return domain;
    case 'i': return dotted(spf);
    case 'p': return spf_validated_name(spf, domain);
    case 'h': return str_head(spf->request->helo, SPF_MAX_IDENTITY);
    case 'v': return spf->ip.family == 4 ? S("in-addr") : S("ip6");
    case 'c': return ip_format(spf->arena, spf->ip);
    case 'r': return spf->request->receiver.n ? spf->request->receiver : S("unknown");
    default: return arena_printf(spf->arena, "%lld", (long long)(spf->request->now / WHEN_SECOND));
    }
}

static void
put_escaped(struct buf *out, str s, bool escape)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!escape || str_is_alpha(c) || str_is_digit(c) || memchr("-._~", c, 4))
            buf_char(out, c);
        else
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
    }
}

/* Splits at the delimiters, reverses, keeps the right-hand parts, joins with dots. */
static void
put_transformed(struct spf *spf, struct buf *out, str value, const struct macro *m)
{
    str delimiters = m->delimiters.n ? m->delimiters : S(".");
    str *parts = NULL;
    size_t n = 0, room = 0, start = 0;
    for (size_t i = 0; i <= value.n; i++) {
        if (i < value.n && !memchr(delimiters.p, value.p[i], delimiters.n))
            continue;
        ARENA_PUSH(spf->arena, parts, n, room) = str_of(value.p + start, i - start);
        start = i + 1;
    }
    for (size_t i = 0; m->reverse && i < n / 2; i++) {
        str swap = parts[i];
        parts[i] = parts[n - 1 - i];
        parts[n - 1 - i] = swap;
    }
    size_t from = m->keep && m->keep < n ? n - m->keep : 0;
    for (size_t i = from; i < n; i++) {
        if (i > from)
            buf_char(out, '.');
        put_escaped(out, parts[i], m->escape);
    }
}

static void
put_macro(struct spf *spf, struct buf *out, const struct macro *m, str domain)
{
    str value = macro_value(spf, m->letter, domain);
    if (m->keep == 0 && !m->reverse && m->delimiters.n == 0)
        put_escaped(out, value, m->escape);
    else
        put_transformed(spf, out, value, m);
}

str
spf_expand(struct spf *spf, str text, str domain, bool explanation)
{
    struct buf out = { 0 };
    int macros = 0;
    while (text.n && out.n < MACRO_MAX_BYTES && macros < MACRO_MAX_COUNT) {
        struct macro m = macro_parse(text, explanation);
        if (m.ok) {
            put_macro(spf, &out, &m, domain);
            macros++;
            text = m.rest;
        } else if (text.p[0] == '%' && text.n > 1) {
            buf_add(&out, text.p[1] == '%' ? S("%") : text.p[1] == '_' ? S(" ") : S("%20"));
            text = str_skip(text, 2);
        } else {
            buf_char(&out, text.p[0]);
            text = str_skip(text, 1);
        }
    }
    str all = arena_copy(spf->arena, buf_str(&out));
    buf_free(&out);
    if (!explanation && str_ends(all, S(".")))
        all.n--;
    while (!explanation && all.n > DNS_MAX_NAME) {
        struct str_cut cut = str_cut(all, '.');
        if (!cut.found)
            break;
        all = cut.tail;
    }
    return all;
}
