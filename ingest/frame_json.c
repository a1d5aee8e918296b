/* Log records that are JSON objects, read field by field without a tree: journald's are long, and of their
 * thirty fields five matter.  What is nested (Kubernetes' labels) is stepped over. */
#include "frame_impl.h"
#include "json_scan.h"
#include "utf8.h"

/* Of the object that is read, at is the first unread byte; what does not end is NULL. */

static inline const char *
skip_blanks(const char *at, const char *end)
{
    at += at < end && *at == ' '; /* mostly a single one, or none */
    while (at < end && *at <= ' ' && str_is_space(*at))
        at++;
    return at;
}

/* Behind the string whose quote at stands on; NULL also where there is something to look at within. */
static inline const char *
skip_plain_string(const char *at, const char *end)
{
    const char *close = at + 1 + json_text_run(at + 1, (size_t)(end - at) - 1);
    return close < end && *close == '"' ? close + 1 : NULL;
}

static inline const char *
skip_string(const char *at, const char *end)
{
    const char *behind = skip_plain_string(at, end);
    if (behind)
        return behind;
    size_t n = str_quoted_length(str_of(at, (size_t)(end - at)));
    return n ? at + n : NULL;
}

/* The same of any other value. */
static const char *
skip_other(const char *at, const char *end)
{
    for (size_t depth = 0; at < end; at++) {
        if (depth > 0 && (at += json_between_run(at, (size_t)(end - at))) == end)
            break;
        switch (*at) {
        case '"':
            if ((at = skip_string(at, end)) == NULL)
                return NULL;
            at--;
            break;
        case '{':
        case '[': depth++; break;
        case '}':
        case ']':
            if (depth == 0)
                return at;
            if (--depth == 0)
                return at + 1;
            break;
        case ',':
            if (depth == 0)
                return at;
            break;
        default: break;
        }
    }
    return NULL;
}

/* "\u00e9" behind its backslash; how much of s it takes. */
static size_t
unescape_unicode(str s, char *out, size_t *n)
{
    int32_t high = str_hex4(str_skip(s, 1));
    if (high < 0)
        return 1;
    size_t used = 5;
    uint32_t c = (uint32_t)high;
    if (c >= 0xd800 && c < 0xdc00 && str_starts(str_skip(s, 5), S("\\u"))) {
        int32_t low = str_hex4(str_skip(s, 7));
        if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
            used = 11;
        }
    }
    if (c >= 0xd800 && c < 0xe000)
        c = 0xfffd;
    *n += utf8_encode(out + *n, c);
    return used;
}

/* The text between the quotes; never longer than its escaped form. */
str
frame_unescape_json(str s)
{
    if (str_find_char(s, '\\') == STR_NONE)
        return s;
    char *out = frame_scratch(s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        size_t escape = str_find_char(str_skip(s, i), '\\');
        size_t run = escape == STR_NONE || i + escape + 1 == s.n ? s.n - i : escape;
        memcpy(out + n, s.p + i, run);
        n += run;
        i += run;
        if (i == s.n)
            break;
        char c = s.p[++i];
        switch (c) {
        case 'n': out[n++] = '\n'; break;
        case 't': out[n++] = '\t'; break;
        case 'r': out[n++] = '\r'; break;
        case 'b': out[n++] = '\b'; break;
        case 'f': out[n++] = '\f'; break;
        case 'u': i += unescape_unicode(str_skip(s, i), out, &n) - 1; break;
        default: out[n++] = c;
        }
    }
    return str_of(out, n);
}

/* The bytes of [78,111,118]; the bracket that ends it ends all that is read. */
static str
bytes_text(const char *at, size_t most)
{
    enum { DIGITS = 3 };
    char *out = frame_scratch(most);
    size_t n = 0;
    while (*at != ']') {
        const char *digits = at;
        unsigned byte = 0;
        for (; str_is_digit(*at) && byte <= 255; at++)
            byte = byte * 10 + (unsigned)(*at - '0');
        if (at == digits || at - digits > DIGITS || byte > 255)
            return (str){ 0 };
        out[n++] = (char)(unsigned char)byte;
        while (str_is_space(*at))
            at++;
        for (at += *at == ','; str_is_space(*at);)
            at++;
    }
    return str_of(out, n);
}

/* journald's form of a field that is no UTF-8: [78,111,118]; of one that was said twice: ["a","b"]. */
static str
array_text(str s)
{
    const char *end = s.p + s.n, *at = skip_blanks(s.p + 1, end);
    if (*at != '"')
        return bytes_text(at, s.n);
    const char *behind = skip_string(at, end);
    return behind ? frame_unescape_json(str_of(at + 1, (size_t)(behind - at) - 2)) : (str){ 0 };
}

/* What a value means as text; it begins with no blank, but may end with some. */
static str
value_text(str raw)
{
    if (raw.p[0] == '"')
        return frame_unescape_json(str_of(raw.p + 1, raw.n - 2));
    if (raw.p[0] == '[')
        return array_text(raw);
    if (raw.p[0] == '-' || str_is_digit(raw.p[0]))
        return str_trim_right(raw);
    return (str){ 0 }; /* null, true, false, an object */
}

/* Elastic's shippers: "host":{"name":"mx"} */
static str
nested_name(str raw)
{
    size_t at = str_find(raw, S("\"name\":\""));
    if (at == STR_NONE)
        return (str){ 0 };
    return str_cut(str_skip(raw, at + 8), '"').head;
}

/* A member's value, if it is wanted; plain: a string without escapes. */
static inline void
take_field(struct wrapping *w, unsigned char ranks[], str key, str raw, bool plain)
{
    int field = frame_wants(ranks, key);
    if (field < 0)
        return;
    str value = plain ? str_of(raw.p + 1, raw.n - 2) : raw.p[0] == '{' ? nested_name(raw) : value_text(raw);
    if (raw.p[0] != '{' || value.n)
        frame_field(w, ranks, field, value);
}

bool
frame_json(str whole, struct wrapping *w)
{
    unsigned char ranks[FRAME_ROLES] = { 0 };
    const char *end = whole.p + whole.n, *at = skip_blanks(whole.p + 1, end);
    while (at < end && *at == '"') {
        const char *from = at + 1;
        if ((at = skip_string(at, end)) == NULL)
            return false;
        str key = str_of(from, (size_t)(at - from) - 1);
        at = skip_blanks(at, end);
        if (at == end || *at != ':')
            return false;
        from = at = skip_blanks(at + 1, end);
        if (at == end)
            return false;
        const char *behind = *at == '"' ? skip_plain_string(at, end) : NULL;
        bool plain = behind != NULL;
        at = plain ? behind : *at == '"' ? skip_string(at, end) : skip_other(at, end);
        if (at == NULL || at == from)
            return false;
        take_field(w, ranks, key, str_of(from, (size_t)(at - from)), plain);
        at = skip_blanks(at, end);
        if (at < end && *at == '}')
            return frame_is_record(ranks);
        if (at == end || *at != ',')
            return false;
        at = skip_blanks(at + 1, end);
    }
    return false;
}
