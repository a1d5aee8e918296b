/* Reads time stamps by a form. */
#include "stamp.h"

static const str tokens = S("YymdeHIMSbapfzs%");

bool
stamp_form_ok(str form)
{
    bool day = false, hour = false, epoch = false;
    for (size_t i = 0; i < form.n; i++) {
        if (form.p[i] != '%')
            continue;
        if (++i == form.n || str_find_char(tokens, form.p[i]) == STR_NONE)
            return false;
        day |= form.p[i] == 'd' || form.p[i] == 'e';
        hour |= form.p[i] == 'H' || form.p[i] == 'I';
        epoch |= form.p[i] == 's';
    }
    return epoch || (day && hour);
}

static bool
cut_int(str *s, int min, int max, int *out)
{
    size_t n = 0;
    int value = 0;
    while (n < (size_t)max && n < s->n && str_is_digit(s->p[n]))
        value = value * 10 + (s->p[n++] - '0');
    *out = value;
    *s = str_skip(*s, n);
    return n >= (size_t)min;
}

static bool
cut_month(str *s, int *month)
{
    static const str names[] = { S("jan"), S("feb"), S("mar"), S("apr"), S("may"), S("jun"),
                                 S("jul"), S("aug"), S("sep"), S("oct"), S("nov"), S("dec") };
    for (int i = 0; i < 12; i++)
        if (str_istarts(*s, names[i])) {
            *month = i + 1;
            *s = str_skip(*s, 3);
            return true;
        }
    return false;
}

static void
cut_fraction(str *s, int *micros)
{
    if (s->n < 2 || (s->p[0] != '.' && s->p[0] != ',') || !str_is_digit(s->p[1]))
        return;
    int unit = 100000;
    *micros = 0;
    for (*s = str_skip(*s, 1); s->n && str_is_digit(s->p[0]); *s = str_skip(*s, 1), unit /= 10)
        *micros += (s->p[0] - '0') * unit;
}

static bool
cut_zone(str *s, int *offset_s)
{
    static const str utc[] = { S("Z"), S("z"), S("UTC"), S("GMT") };
    *offset_s = 0;
    for (size_t i = 0; i < sizeof utc / sizeof *utc; i++)
        if (str_starts(*s, utc[i])) {
            *s = str_skip(*s, utc[i].n);
            return true;
        }
    if (s->n == 0 || (s->p[0] != '+' && s->p[0] != '-'))
        return false;
    int sign = s->p[0] == '-' ? -1 : 1, hours, minutes = 0;
    *s = str_skip(*s, 1);
    if (!cut_int(s, 2, 2, &hours))
        return false;
    if (s->n && s->p[0] == ':')
        *s = str_skip(*s, 1);
    if (s->n && str_is_digit(s->p[0]) && !cut_int(s, 2, 2, &minutes))
        return false;
    *offset_s = sign * (hours * 3600 + minutes * 60);
    return hours <= 14 && minutes < 60;
}

static bool
cut_epoch(str *s, struct stamp_result *r)
{
    size_t n = 0;
    while (n < s->n && str_is_digit(s->p[n]))
        n++;
    struct str_number number = str_cut_number(*s, 16);
    if (!number.ok || n < 9 || n > 16)
        return false;
    uint64_t scale = n <= 10 ? 1000000 : n <= 13 ? 1000 : 1;
    r->civil = when_to_civil((when)(number.value * scale));
    r->zoned = true;
    *s = number.rest;
    return true;
}

/* One % of the form; afternoon: -1 not said. */
static bool
cut_token(char token, str *s, struct stamp_result *r, int *afternoon)
{
    switch (token) {
    case 'Y': return cut_int(s, 4, 4, &r->civil.year);
    case 'y':
        if (!cut_int(s, 2, 2, &r->civil.year))
            return false;
        r->civil.year += 2000;
        return true;
    case 'm': return cut_int(s, 1, 2, &r->civil.month);
    case 'e': *s = s->n && s->p[0] == ' ' ? str_skip(*s, 1) : *s; return cut_int(s, 1, 2, &r->civil.day);
    case 'd': return cut_int(s, 1, 2, &r->civil.day);
    case 'H':
    case 'I': return cut_int(s, 1, 2, &r->civil.hour);
    case 'M': return cut_int(s, 2, 2, &r->civil.minute);
    case 'S': return cut_int(s, 2, 2, &r->civil.second);
    case 'b': return cut_month(s, &r->civil.month);
    case 'f': cut_fraction(s, &r->civil.micros); return true;
    case 's': return cut_epoch(s, r);
    case 'z': r->zoned = cut_zone(s, &r->offset_s); return r->zoned;
    case 'p':
        *afternoon = str_istarts(*s, S("PM")) ? 1 : str_istarts(*s, S("AM")) ? 0 : -1;
        *s = str_skip(*s, 2);
        return *afternoon >= 0;
    case 'a':
        for (int i = 0; i < 3; i++)
            if (s->n <= (size_t)i || !str_is_alpha(s->p[i]))
                return false;
        *s = str_skip(*s, 3);
        return true;
    default: return false;
    }
}

static struct stamp_result
read_usual(str s)
{
    struct when_result w = when_rfc3339(s);
    if (!w.ok)
        w = when_rfc3164(s);
    return (struct stamp_result){ w.civil, w.offset_s, w.zoned, w.ok && str_trim(w.rest).n == 0 };
}

struct stamp_result
stamp_read(str form, str s)
{
    struct stamp_result r = { 0 };
    int afternoon = -1;
    if (form.n == 0)
        return read_usual(s);
    for (size_t i = 0; i < form.n; i++) {
        if (form.p[i] == ' ') {
            if (s.n == 0 || s.p[0] != ' ')
                return r;
            s = str_skip(s, 1);
            while (s.n && s.p[0] == ' ')
                s = str_skip(s, 1);
        } else if (form.p[i] != '%' || (i + 1 < form.n && form.p[i + 1] == '%')) {
            i += form.p[i] == '%';
            if (s.n == 0 || s.p[0] != form.p[i])
                return r;
            s = str_skip(s, 1);
        } else if (i + 1 == form.n || !cut_token(form.p[++i], &s, &r, &afternoon)) {
            return r;
        }
    }
    if (afternoon >= 0)
        r.civil.hour = r.civil.hour % 12 + 12 * afternoon;
    struct civil check = r.civil;
    check.year = check.year ? check.year : 2000;
    r.ok = s.n == 0 && when_from_civil(check) != WHEN_NONE;
    return r;
}
