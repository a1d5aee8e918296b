/* Log records that are JSON objects, read field by field without a tree: journald's are long, and of their
 * thirty fields five matter.  What is nested (Kubernetes' labels) is stepped over. */
#include "frame_impl.h"
#include "json_scan.h"
#include "utf8.h"

/* As str_quoted_length(); mostly there is nothing to look at within the quotes. */
static inline size_t
quoted_length(str s)
{
    size_t end = 1 + json_text_run(s.p + 1, s.n - 1);
    return end < s.n && s.p[end] == '"' ? end + 1 : str_quoted_length(s);
}

/* The end of any value at the start of s; 0 if it is not closed. */
static size_t
value_end(str s)
{
    if (s.n && s.p[0] == '"')
        return quoted_length(s);
    size_t depth = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (depth > 0)
            i += json_between_run(s.p + i, s.n - i);
        switch (i < s.n ? s.p[i] : '\0') {
        case '"': {
            size_t n = str_quoted_length(str_skip(s, i));
            if (n == 0)
                return 0;
            i += n - 1;
            break;
        }
        case '{':
        case '[': depth++; break;
        case '}':
        case ']':
            if (depth == 0)
                return i;
            if (--depth == 0)
                return i + 1;
            break;
        case ',':
            if (depth == 0)
                return i;
            break;
        default: break;
        }
    }
    return 0;
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

/* journald's form of a field that is no UTF-8: [78,111,118]; of one that was said twice: ["a","b"]. */
static str
array_text(str s)
{
    str rest = str_trim(str_skip(s, 1));
    if (rest.n && rest.p[0] == '"') {
        size_t n = str_quoted_length(rest);
        return n ? frame_unescape_json(str_of(rest.p + 1, n - 2)) : (str){ 0 };
    }
    char *out = frame_scratch(s.n);
    size_t n = 0;
    while (rest.n && rest.p[0] != ']') {
        unsigned byte = 0;
        size_t digits = 0;
        for (; digits < rest.n && str_is_digit(rest.p[digits]) && byte <= 255; digits++)
            byte = byte * 10 + (unsigned)(rest.p[digits] - '0');
        if (digits == 0 || digits > 3 || byte > 255)
            return (str){ 0 };
        out[n++] = (char)(unsigned char)byte;
        rest = str_trim_left(str_skip(rest, digits));
        if (rest.n && rest.p[0] == ',')
            rest = str_trim_left(str_skip(rest, 1));
    }
    return str_of(out, n);
}

static str
value_text(str raw)
{
    raw = str_trim(raw);
    if (raw.n >= 2 && raw.p[0] == '"')
        return frame_unescape_json(str_of(raw.p + 1, raw.n - 2));
    if (raw.n && raw.p[0] == '[')
        return array_text(raw);
    if (raw.n && (raw.p[0] == '-' || str_is_digit(raw.p[0])))
        return raw;
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

bool
frame_json(str whole, struct wrapping *w)
{
    unsigned char ranks[FRAME_ROLES] = { 0 };
    str s = str_trim_left(str_skip(whole, 1));
    bool said = false;
    while (s.n && s.p[0] == '"') {
        size_t n = quoted_length(s);
        str key = n ? str_of(s.p + 1, n - 2) : (str){ 0 };
        s = str_trim_left(str_skip(s, n));
        if (n == 0 || s.n == 0 || s.p[0] != ':')
            return false;
        s = str_trim_left(str_skip(s, 1));
        n = value_end(s);
        if (n == 0)
            return false;
        int field = frame_wants(ranks, key);
        if (field >= 0) {
            str raw = str_head(s, n);
            str value = raw.p[0] == '{' ? nested_name(raw) : value_text(raw);
            if (raw.p[0] != '{' || value.n)
                frame_field(w, ranks, field, value);
        }
        s = str_trim_left(str_skip(s, n));
        if (s.n && s.p[0] == '}') {
            said = true;
            break;
        }
        if (s.n == 0 || s.p[0] != ',')
            return false;
        s = str_trim_left(str_skip(s, 1));
    }
    return said && frame_is_record(ranks);
}
