/* Cells as people read them.  Escaping is the outputs' business. */
#include "cell.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DASH S("\xe2\x80\x93")

bool
cell_is_number(enum cell_type type)
{
    return type == CELL_COUNT || type == CELL_SHARE || type == CELL_SECONDS || type == CELL_BYTES;
}

const char *
cell_unit(enum cell_type type)
{
    switch (type) {
    case CELL_SECONDS: return "s";
    case CELL_BYTES: return "bytes";
    case CELL_SHARE: return "1";
    case CELL_TIME:
    case CELL_DAY: return "UTC";
    default: return "";
    }
}

double
cell_value(str raw)
{
    char z[64]; /* longer than any number PostgreSQL writes for our columns */
    char *end;
    if (raw.n == 0 || raw.n >= sizeof z || str_is_space(raw.p[0]))
        return NAN;
    memcpy(z, raw.p, raw.n);
    z[raw.n] = 0;
    double v = strtod(z, &end);
    return end == z + raw.n && isfinite(v) ? v : NAN;
}

when
cell_when(str raw)
{
    struct when_result r = when_rfc3339(raw);
    return r.ok && r.rest.n == 0 ? r.at : WHEN_NONE;
}

str
when_human(struct arena *a, when at, bool millis)
{
    if (at == WHEN_NONE)
        return DASH;
    struct civil c = when_to_civil(at);
    str s =
        arena_printf(a, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
    return millis ? arena_printf(a, "%.*s.%03d", PRSTR(s), c.micros / 1000) : s;
}

/* Digits in groups of three. */
static str
grouped(struct arena *a, bool minus, str digits)
{
    struct buf b = { 0 };
    if (minus)
        buf_char(&b, '-');
    for (size_t i = 0; i < digits.n; i++) {
        if (i && (digits.n - i) % 3 == 0)
            buf_char(&b, ',');
        buf_char(&b, digits.p[i]);
    }
    str s = arena_copy(a, buf_str(&b));
    buf_free(&b);
    return s;
}

str
count_human(struct arena *a, double v)
{
    char digits[64];
    int n = snprintf(digits, sizeof digits, "%.0f", fabs(v));
    return grouped(a, v < 0 && !(n == 1 && digits[0] == '0'), str_of(digits, (size_t)n));
}

/* Whole numbers as they are: sums of reports go beyond what a double holds. */
static str
count_exact(struct arena *a, str raw, double v)
{
    bool minus = str_starts(raw, S("-"));
    str digits = str_skip(raw, minus);
    for (size_t i = 0; i < digits.n; i++)
        if (digits.p[i] < '0' || digits.p[i] > '9')
            return count_human(a, v);
    return grouped(a, minus, digits);
}

str
seconds_human(struct arena *a, double v)
{
    if (!isfinite(v))
        return DASH;
    const char *sign = v <= -0.005 ? "-" : "";
    double s = fabs(v);
    if (s < 9.995)
        return arena_printf(a, "%s%.2f s", sign, s);
    if (s < 59.95)
        return arena_printf(a, "%s%.1f s", sign, s);
    if (s >= 3.2e9) /* beyond a century the figure is nonsense, but must not overflow */
        return arena_printf(a, "%s%.0f s", sign, s);
    int64_t t = (int64_t)(s + 0.5);
    int64_t days = t / 86400, hours = t / 3600 % 24, minutes = t / 60 % 60;
    if (days)
        return arena_printf(a, "%s%lld d %02lld h", sign, (long long)days, (long long)hours);
    if (hours)
        return arena_printf(a, "%s%lld h %02lld min", sign, (long long)hours, (long long)minutes);
    return arena_printf(a, "%s%lld min %02lld s", sign, (long long)minutes, (long long)(t % 60));
}

static str
bytes_human(struct arena *a, double v)
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
    size_t u = 0;
    for (; v >= 999.5 && u + 1 < sizeof units / sizeof *units; u++)
        v /= 1000;
    return arena_printf(a, u && v < 99.95 ? "%.1f %s" : "%.0f %s", v, units[u]);
}

static str
share_human(struct arena *a, double v)
{
    double percent = v * 100;
    /* what is not nothing must not look like nothing, nor what is not all like all */
    if (percent > 0 && percent < 0.05)
        return S("< 0.1 %");
    if (percent < 100 && percent >= 99.95)
        return S("> 99.9 %");
    return arena_printf(a, "%.1f %%", percent);
}

str
cell_human(struct arena *a, enum cell_type type, str raw)
{
    if (!raw.p || raw.n == 0)
        return DASH;
    if (type == CELL_TIME) {
        when at = cell_when(raw);
        return at == WHEN_NONE ? raw : when_human(a, at, false);
    }
    if (!cell_is_number(type))
        return raw;
    double v = cell_value(raw);
    if (!isfinite(v))
        return raw;
    switch (type) {
    case CELL_COUNT: return count_exact(a, raw, v);
    case CELL_SHARE: return share_human(a, v);
    case CELL_SECONDS: return seconds_human(a, v);
    case CELL_BYTES: return bytes_human(a, v);
    default: return raw;
    }
}
