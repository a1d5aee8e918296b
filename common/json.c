/* Writes JSON (RFC 8259) into a buf. */
#include "json.h"

#include <math.h>

#include "diag.h"
#include "json_scan.h"
#include "utf8.h"

static void
line_break(struct json *j)
{
    if (!j->pretty)
        return;
    buf_char(j->out, '\n');
    for (int i = 0; i < j->depth; i++)
        buf_put(j->out, "  ", 2);
}

static void
before_value(struct json *j)
{
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    if (j->comma[j->depth])
        buf_put(j->out, ", ", j->pretty ? 1 : 2);
    j->comma[j->depth] = true;
    if (j->depth > 0)
        line_break(j);
}

static void
open_level(struct json *j, char c)
{
    before_value(j);
    buf_char(j->out, c);
    if (++j->depth >= (int)(sizeof j->comma / sizeof *j->comma))
        BUG("JSON nested too deeply");
    j->comma[j->depth] = false;
}

static void
close_level(struct json *j, char c)
{
    if (j->depth == 0)
        BUG("JSON closed too often");
    bool any = j->comma[j->depth--];
    if (any)
        line_break(j);
    buf_char(j->out, c);
}

void
json_object(struct json *j)
{
    open_level(j, '{');
}

void
json_end_object(struct json *j)
{
    close_level(j, '}');
}

void
json_array(struct json *j)
{
    open_level(j, '[');
}

void
json_end_array(struct json *j)
{
    close_level(j, ']');
}

/* A character that does not stand for itself; its length in s. */
static size_t
put_special(struct buf *b, str s)
{
    unsigned char c = (unsigned char)s.p[0];
    struct utf8_result u = utf8_cut(s);
    if (!u.ok)
        buf_put(b, "\xef\xbf\xbd", 3);
    else if (c == '"' || c == '\\')
        buf_printf(b, "\\%c", c);
    else if (c == '\n')
        buf_put(b, "\\n", 2);
    else if (c == '\t')
        buf_put(b, "\\t", 2);
    else if (c == '\r')
        buf_put(b, "\\r", 2);
    else if (c < 0x20 || c == 0x7f)
        buf_printf(b, "\\u%04x", c);
    else
        buf_put(b, s.p, u.length);
    return u.length;
}

static void
put_string(struct buf *b, str s)
{
    buf_char(b, '"');
    while (s.n) {
        size_t plain = json_plain_run(s.p, s.n);
        buf_put(b, s.p, plain);
        s = str_skip(s, plain);
        if (s.n)
            s = str_skip(s, put_special(b, s));
    }
    buf_char(b, '"');
}

void
json_key(struct json *j, const char *key)
{
    before_value(j);
    put_string(j->out, str_from(key));
    buf_put(j->out, ": ", 2);
    j->after_key = true;
}

void
json_str(struct json *j, str s)
{
    before_value(j);
    put_string(j->out, s);
}

void
json_int(struct json *j, int64_t v)
{
    before_value(j);
    buf_i64(j->out, v);
}

/* Most numbers of logs have a few decimals: with six at most, and four digits before them, they are their ten significant
 * digits without a conversion. */
static bool
put_decimal(struct buf *b, double v)
{
    enum { MILLION = 1000000 };
    if (!((v >= 1e-4 && v < 1e4) || (v == 0 && !signbit(v))))
        return false;
    uint64_t n = (uint64_t)(v * MILLION + 0.5);
    if (fabs(v * MILLION - (double)n) > (double)n * 1e-15)
        return false;
    buf_i64(b, (int64_t)(n / MILLION));
    char digits[] = ".000000";
    size_t length = sizeof digits - 1;
    n %= MILLION;
    for (size_t i = length - 1; i > 0; i--, n /= 10)
        digits[i] = (char)('0' + n % 10);
    while (length > 1 && digits[length - 1] == '0')
        length--;
    buf_put(b, digits, length > 1 ? length : 0);
    return true;
}

void
json_double(struct json *j, double v)
{
    before_value(j);
    if (put_decimal(j->out, v))
        return;
    if (isfinite(v))
        buf_printf(j->out, "%.10g", v);
    else
        buf_put(j->out, "null", 4);
}

void
json_bool(struct json *j, bool v)
{
    before_value(j);
    buf_add(j->out, v ? S("true") : S("false"));
}

void
json_null(struct json *j)
{
    before_value(j);
    buf_put(j->out, "null", 4);
}

void
json_when(struct json *j, when t)
{
    char text[WHEN_TEXT];
    if (t == WHEN_NONE)
        json_null(j);
    else
        json_str(j, when_text(text, t));
}

void
json_field(struct json *j, const char *key, str value)
{
    json_key(j, key);
    json_str(j, value);
}

void
json_some(struct json *j, const char *key, str value)
{
    if (value.n)
        json_field(j, key, value);
}

void
json_some_double(struct json *j, const char *key, double value)
{
    if (isfinite(value)) {
        json_key(j, key);
        json_double(j, value);
    }
}

void
json_some_when(struct json *j, const char *key, when value)
{
    if (value != WHEN_NONE) {
        json_key(j, key);
        json_when(j, value);
    }
}

void
json_field_int(struct json *j, const char *key, int64_t value)
{
    json_key(j, key);
    json_int(j, value);
}

void
json_field_bool(struct json *j, const char *key, bool value)
{
    json_key(j, key);
    json_bool(j, value);
}
