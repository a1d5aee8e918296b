/* Points in time: parsing, formatting.  Zones are zone.c's. */
#include "when.h"

#include <stdio.h>
#include <time.h>

/* Days since 1970-01-01 of a civil date in the proleptic Gregorian calendar. */
static int64_t
days_from_civil(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static int
month_days(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Of a clock with leap seconds; 24:00:00 is the day's end, as ISO 8601 lets it be said. */
static bool
is_time_of_day(const struct civil *c)
{
    bool end = c->hour == 24 && c->minute == 0 && c->second == 0;
    return c->hour >= 0 && (c->hour < 24 || end) && c->minute >= 0 && c->minute < 60 && c->second >= 0 &&
           c->second <= 60;
}

/* The start of a day of the years 1..9999, in seconds since 1970; false: there is no such day.  Many times that are asked
 * for share one, so the last is remembered. */
static bool
day_start(int year, int month, int day, int64_t *seconds)
{
    static _Thread_local struct {
        int year, month, day;
        int64_t seconds;
    } last;
    if (day != last.day || month != last.month || year != last.year || day == 0) {
        if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
            return false;
        last.year = year;
        last.month = month;
        last.day = day;
        last.seconds = days_from_civil(year, month, day) * 86400;
    }
    *seconds = last.seconds;
    return true;
}

when
when_from_civil(struct civil c)
{
    int64_t midnight;
    if (!day_start(c.year, c.month, c.day, &midnight) || !is_time_of_day(&c) || c.micros < 0 ||
        c.micros > 999999)
        return WHEN_NONE;
    return (midnight + c.hour * 3600 + c.minute * 60 + c.second) * WHEN_SECOND + c.micros;
}

when
when_second(when t)
{
    when rest = t % WHEN_SECOND;
    return t - (rest < 0 ? rest + WHEN_SECOND : rest);
}

struct civil
when_to_civil(when t)
{
    struct civil c = { 0 };
    when second = when_second(t);
    c.micros = (int)(t - second);
    int64_t s = second / WHEN_SECOND;
    int64_t days = s / 86400, in_day = s % 86400;
    if (in_day < 0) {
        in_day += 86400;
        days--;
    }
    c.hour = (int)(in_day / 3600);
    c.minute = (int)(in_day / 60 % 60);
    c.second = (int)(in_day % 60);
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    c.day = (int)(doy - (153 * mp + 2) / 5 + 1);
    c.month = (int)(mp < 10 ? mp + 3 : mp - 9);
    c.year = (int)(yoe + era * 400 + (c.month <= 2));
    return c;
}

when
when_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (when)t.tv_sec * WHEN_SECOND + t.tv_nsec / 1000;
}

/* Exactly n digits at s.p[at]; -1 where there are not. */
static int
fixed_digits(str s, size_t at, int n)
{
    int value = 0;
    if (s.n < at + (size_t)n)
        return -1;
    for (int i = 0; i < n; i++) {
        char c = s.p[at + (size_t)i];
        if (!str_is_digit(c))
            return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

/* ".123456" or ",123" at s.p[*at]: micros, further digits dropped. */
static int
cut_fraction(str s, size_t *at)
{
    int micros = 0, digits = 0;
    if (*at >= s.n || (s.p[*at] != '.' && s.p[*at] != ',') || *at + 1 >= s.n || !str_is_digit(s.p[*at + 1]))
        return 0;
    for (++*at; *at < s.n && str_is_digit(s.p[*at]); ++*at, digits++)
        if (digits < 6)
            micros = micros * 10 + (s.p[*at] - '0');
    for (; digits < 6; digits++)
        micros *= 10;
    return micros;
}

/* "Z", "+01:00", "+0100", "+01" at s.p[*at]. */
static bool
cut_offset(str s, size_t *at, int *seconds)
{
    if (*at >= s.n)
        return false;
    char sign = s.p[*at];
    if (sign == 'Z' || sign == 'z') {
        *seconds = 0;
        ++*at;
        return true;
    }
    if (sign != '+' && sign != '-')
        return false;
    int hours = fixed_digits(s, *at + 1, 2), minutes = 0;
    size_t end = *at + 3;
    if (hours < 0 || hours > 23)
        return false;
    if (end < s.n && s.p[end] == ':' && fixed_digits(s, end + 1, 2) >= 0) {
        minutes = fixed_digits(s, end + 1, 2);
        end += 3;
    } else if (fixed_digits(s, end, 2) >= 0) {
        minutes = fixed_digits(s, end, 2);
        end += 2;
    }
    if (minutes > 59)
        return false;
    *seconds = (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    *at = end;
    return true;
}

/* The value of two digits; 100 or more: they are none. */
static inline unsigned
two_digits(const char *p)
{
    unsigned tens = (unsigned)(p[0] - '0'), ones = (unsigned)(p[1] - '0');
    return tens < 10 && ones < 10 ? tens * 10 + ones : 100;
}

static bool
cut_clock(str s, size_t *at, struct civil *c)
{
    enum { CLOCK = 8 };
    if (s.n < CLOCK || *at > s.n - CLOCK)
        return false;
    const char *p = s.p + *at;
    unsigned hour = two_digits(p), minute = two_digits(p + 3), second = two_digits(p + 6);
    if (hour > 99 || minute > 99 || second > 99 || p[2] != ':' || p[5] != ':')
        return false;
    c->hour = (int)hour;
    c->minute = (int)minute;
    c->second = (int)second;
    *at += CLOCK;
    c->micros = cut_fraction(s, at);
    return true;
}

/* "2026-11-21" at the start of s, which is long enough; many stamps share one, so the last is remembered. */
static bool
cut_date(str s, struct civil *c, when *midnight)
{
    enum { DATE = 10 };
    static _Thread_local struct {
        char text[DATE];
        int year, month, day;
        when midnight;
    } last;
    if (memcmp(s.p, last.text, DATE) != 0) {
        struct civil date = { .year = fixed_digits(s, 0, 4),
                              .month = fixed_digits(s, 5, 2),
                              .day = fixed_digits(s, 8, 2) };
        when at = when_from_civil(date);
        if (at == WHEN_NONE)
            return false;
        last.year = date.year;
        last.month = date.month;
        last.day = date.day;
        last.midnight = at;
        memcpy(last.text, s.p, DATE);
    }
    c->year = last.year;
    c->month = last.month;
    c->day = last.day;
    *midnight = last.midnight;
    return true;
}

struct when_result
when_rfc3339(str s)
{
    enum { LEAST = 19, TIME = 11 };
    struct when_result r = { .at = WHEN_NONE, .rest = s };
    when midnight;
    size_t at = TIME;
    if (s.n < LEAST || s.p[4] != '-' || s.p[7] != '-' ||
        (s.p[10] != 'T' && s.p[10] != ' ' && s.p[10] != 't') || !cut_date(s, &r.civil, &midnight) ||
        !cut_clock(s, &at, &r.civil))
        return r;
    r.zoned = cut_offset(s, &at, &r.offset_s);
    if (!is_time_of_day(&r.civil))
        return r;
    r.at = midnight +
           (r.civil.hour * 3600 + r.civil.minute * 60 + r.civil.second - (when)r.offset_s) * WHEN_SECOND +
           r.civil.micros;
    r.rest = str_skip(s, at);
    r.ok = true;
    return r;
}

static int
month_number(str name)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    int month;
    if (name.n < 3)
        return 0;
    char a = str_lower_char(name.p[0]), b = str_lower_char(name.p[1]), c = str_lower_char(name.p[2]);
    switch (c) { /* the third letters nearly tell them apart */
    case 'n': month = b == 'u' ? 6 : 1; break;
    case 'b': month = 2; break;
    case 'r': month = a == 'a' ? 4 : 3; break;
    case 'y': month = 5; break;
    case 'l': month = 7; break;
    case 'g': month = 8; break;
    case 'p': month = 9; break;
    case 't': month = 10; break;
    case 'v': month = 11; break;
    case 'c': month = 12; break;
    default: return 0;
    }
    const char *full = names + 3 * (month - 1);
    return full[0] == a && full[1] == b ? month : 0;
}

/* "Nov 21 ", "Nov  1 ", "Nov 1 " at the start of s; *at is behind it.  Many stamps share one, so the last is remembered. */
static bool
cut_month_day(str s, size_t *at, struct civil *c)
{
    enum { MONTH_DAY = 7 };
    static _Thread_local struct {
        char text[MONTH_DAY];
        int month, day;
    } last;
    if (last.month && memcmp(s.p, last.text, MONTH_DAY) == 0) {
        c->month = last.month;
        c->day = last.day;
        *at = MONTH_DAY;
        return true;
    }
    size_t blank = MONTH_DAY - 1;
    int day = fixed_digits(s, 4, 2);
    if (day < 0 && s.p[4] == ' ') {
        day = fixed_digits(s, 5, 1);
    } else if (day < 0) {
        day = fixed_digits(s, 4, 1);
        blank = 5;
    }
    c->month = month_number(s);
    c->day = day;
    *at = blank + 1;
    if (s.p[3] != ' ' || s.p[blank] != ' ' || c->month == 0 || day < 1 || day > 31)
        return false;
    if (*at == MONTH_DAY) {
        memcpy(last.text, s.p, MONTH_DAY);
        last.month = c->month;
        last.day = c->day;
    }
    return true;
}

struct when_result
when_rfc3164(str s)
{
    enum { LEAST = 14 };
    struct when_result r = { .at = WHEN_NONE, .rest = s };
    size_t at;
    if (s.n < LEAST || !cut_month_day(s, &at, &r.civil) || !cut_clock(s, &at, &r.civil) ||
        r.civil.hour > 23 || r.civil.minute > 59 || r.civil.second > 60)
        return r;
    r.rest = str_skip(s, at);
    r.ok = true;
    return r;
}

/* Skips blanks and (comments), which nest. */
static str
skip_cfws(str s)
{
    int depth = 0;
    size_t i = 0;
    for (; i < s.n; i++) {
        char c = s.p[i];
        if (depth > 0 && c == '\\')
            i++;
        else if (c == '(')
            depth++;
        else if (c == ')' && depth > 0)
            depth--;
        else if (depth == 0 && !str_is_space(c))
            break;
    }
    return str_skip(s, i);
}

static bool
cut_zone_5322(str s, int *seconds, str *rest)
{
    static const struct {
        const char *name;
        int hours;
    } zones[] = { { "GMT", 0 },  { "UTC", 0 },  { "UT", 0 },   { "EST", -5 }, { "EDT", -4 }, { "CST", -6 },
                  { "CDT", -5 }, { "MST", -7 }, { "MDT", -6 }, { "PST", -8 }, { "PDT", -7 } };
    size_t at = 0;
    if (s.n && s.p[0] != 'Z' && s.p[0] != 'z' && cut_offset(s, &at, seconds)) {
        *rest = str_skip(s, at);
        return true;
    }
    while (at < s.n && str_is_alpha(s.p[at]))
        at++;
    if (at == 0)
        return false;
    bool utc = str_ieq(str_head(s, at), S("GMT")) || str_ieq(str_head(s, at), S("UTC"));
    if (utc && at + 1 < s.n && str_is_digit(s.p[at + 1]) && cut_offset(s, &at, seconds)) { /* "GMT+01:00" */
        *rest = str_skip(s, at);
        return true;
    }
    *rest = str_skip(s, at);
    *seconds = 0; /* RFC 5322 4.3: military and unknown names mean "unknown", like -0000 */
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (str_ieq(str_head(s, at), str_from(zones[i].name)))
            *seconds = zones[i].hours * 3600;
    return true;
}

/* "AM" or "PM" at the start of *s, behind an hour of twelve. */
static void
take_half_day(str *s, struct civil *c)
{
    bool pm = str_istarts(*s, S("PM"));
    if ((!pm && !str_istarts(*s, S("AM"))) || (s->n > 2 && str_is_alpha(s->p[2])) || c->hour < 1 ||
        c->hour > 12)
        return;
    c->hour = c->hour % 12 + (pm ? 12 : 0);
    *s = skip_cfws(str_skip(*s, 2));
}

/* Blanks, comments and the dash of "21-Nov-2026". */
static str
skip_in_date(str s)
{
    s = skip_cfws(s);
    return s.n && s.p[0] == '-' ? skip_cfws(str_skip(s, 1)) : s;
}

struct when_result
when_rfc5322(str s)
{
    struct when_result r = { .at = WHEN_NONE, .rest = s };
    s = skip_cfws(s);
    if (s.n && str_is_alpha(s.p[0])) { /* day of the week */
        size_t i = 0;
        while (i < s.n && str_is_alpha(s.p[i]))
            i++;
        s = skip_cfws(str_skip(s, i));
        if (s.n && s.p[0] == ',')
            s = skip_cfws(str_skip(s, 1));
    }
    struct str_number day = str_cut_number(s, 2);
    s = skip_in_date(day.rest);
    size_t letters = 0;
    while (letters < s.n && str_is_alpha(s.p[letters]))
        letters++;
    r.civil.month = month_number(str_head(s, letters));
    s = skip_in_date(str_skip(s, letters));
    struct str_number year = str_cut_number(s, 4);
    if (!day.ok || r.civil.month == 0 || !year.ok)
        return r;
    size_t year_digits = s.n - year.rest.n;
    r.civil.day = (int)day.value;
    r.civil.year = (int)year.value;
    if (year_digits <= 2)
        r.civil.year += year.value < 50 ? 2000 : 1900;
    else if (year_digits == 3)
        r.civil.year += 1900;
    s = skip_cfws(year.rest);
    struct str_number hour = str_cut_number(s, 2);
    s = skip_cfws(str_after(skip_cfws(hour.rest), ':'));
    struct str_number minute = str_cut_number(s, 2);
    if (!hour.ok || !minute.ok)
        return r;
    r.civil.hour = (int)hour.value;
    r.civil.minute = (int)minute.value;
    s = skip_cfws(minute.rest);
    if (s.n && s.p[0] == ':') {
        struct str_number second = str_cut_number(skip_cfws(str_skip(s, 1)), 2);
        if (!second.ok)
            return r;
        r.civil.second = (int)second.value;
        s = second.rest;
        size_t at = 0;
        r.civil.micros = cut_fraction(s, &at);
        s = skip_cfws(str_skip(s, at));
    }
    take_half_day(&s, &r.civil);
    r.rest = s;
    r.zoned = cut_zone_5322(s, &r.offset_s, &r.rest);
    r.at = when_from_civil(r.civil);
    if (r.at == WHEN_NONE)
        return r;
    r.at -= (when)r.offset_s * WHEN_SECOND;
    r.ok = true;
    return r;
}

/* n at p as so many digits, and what separates it from the next number. */
static char *
put_digits(char *p, int n, int digits, char separator)
{
    for (int i = digits - 1; i >= 0; i--, n /= 10)
        p[i] = (char)('0' + n % 10);
    p[digits] = separator;
    return p + digits + 1;
}

str
when_text(char out[WHEN_TEXT], when t)
{
    if (t == WHEN_NONE)
        return S("");
    struct civil c = when_to_civil(t);
    if (c.year < 0 || c.year > 9999) { /* a zone away from the first or the last */
        int n = snprintf(out, WHEN_TEXT,
                         c.micros ? "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ" : "%04d-%02d-%02dT%02d:%02d:%02dZ",
                         c.year, c.month, c.day, c.hour, c.minute, c.second, c.micros);
        return str_of(out, (size_t)n);
    }
    char *p = put_digits(out, c.year, 4, '-');
    p = put_digits(p, c.month, 2, '-');
    p = put_digits(p, c.day, 2, 'T');
    p = put_digits(p, c.hour, 2, ':');
    p = put_digits(p, c.minute, 2, ':');
    p = put_digits(p, c.second, 2, c.micros ? '.' : 'Z');
    if (c.micros)
        p = put_digits(p, c.micros, 6, 'Z');
    return str_of(out, (size_t)(p - out));
}

str
when_format(struct arena *a, when t)
{
    char text[WHEN_TEXT];
    return t == WHEN_NONE ? S("") : arena_copy(a, when_text(text, t));
}
