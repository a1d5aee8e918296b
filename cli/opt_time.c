/* Times as people say them on a command line. */
#include "cli.h"

/* The first moment of the month that lies so many months from a civil date. */
static when
month_start(struct civil c, int months)
{
    int count = c.year * 12 + (c.month - 1) + months;
    return when_from_civil((struct civil){ .year = count / 12, .month = count % 12 + 1, .day = 1 });
}

static when
day_start(when t)
{
    struct civil c = when_to_civil(t);
    return when_from_civil((struct civil){ .year = c.year, .month = c.month, .day = c.day });
}

/* 1970-01-01 was a Thursday; weeks start on Monday (ISO 8601). */
static when
week_start(when t)
{
    when day = day_start(t) / WHEN_DAY;
    when weekday = ((day + 3) % 7 + 7) % 7;
    return (day - weekday) * WHEN_DAY;
}

enum period { PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH, PERIOD_QUARTER, PERIOD_YEAR };

/* The start of the period that lies so many periods from the one of now. */
static when
period_start(enum period period, when now, int count)
{
    struct civil c = when_to_civil(now);
    switch (period) {
    case PERIOD_DAY: return day_start(now) + count * WHEN_DAY;
    case PERIOD_WEEK: return week_start(now) + count * 7 * WHEN_DAY;
    case PERIOD_MONTH: return month_start(c, count);
    case PERIOD_QUARTER: return month_start(c, count * 3 - (c.month - 1) % 3);
    case PERIOD_YEAR: return month_start(c, count * 12 - (c.month - 1));
    }
    return WHEN_NONE;
}

static const struct {
    const char *word;
    enum period period;
    int count; /* from the current one */
} periods[] = {
    { "today", PERIOD_DAY, 0 },
    { "yesterday", PERIOD_DAY, -1 },
    { "this-week", PERIOD_WEEK, 0 },
    { "last-week", PERIOD_WEEK, -1 },
    { "this-month", PERIOD_MONTH, 0 },
    { "last-month", PERIOD_MONTH, -1 },
    { "this-quarter", PERIOD_QUARTER, 0 },
    { "last-quarter", PERIOD_QUARTER, -1 },
    { "this-year", PERIOD_YEAR, 0 },
    { "last-year", PERIOD_YEAR, -1 },
};

/* Units of "7d"; months keep the clock and the day of the month, or take the month's last. */
static const struct {
    const char *word;
    when length;
    int months;
} units[] = {
    { "s", WHEN_SECOND, 0 }, { "m", WHEN_MINUTE, 0 }, { "min", WHEN_MINUTE, 0 },
    { "h", WHEN_HOUR, 0 },   { "d", WHEN_DAY, 0 },    { "w", 7 * WHEN_DAY, 0 },
    { "mo", 0, 1 },          { "y", 0, 12 },
};

static when
months_before(when now, int months)
{
    struct civil c = when_to_civil(now);
    when start = month_start(c, -months), next = month_start(c, -months + 1);
    if (start == WHEN_NONE || next == WHEN_NONE)
        return WHEN_NONE;
    when day = (when)(c.day - 1) * WHEN_DAY;
    if (start + day >= next)
        day = next - start - WHEN_DAY;
    return start + day + (now - day_start(now));
}

#define BEFORE_MOST 100000 /* of a unit: keeps sums far from overflow */

static when
time_before(str text, when now)
{
    struct str_number n = str_cut_number(text, 6);
    if (!n.ok || n.value > BEFORE_MOST)
        return WHEN_NONE;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!str_eq(n.rest, str_from(units[i].word)))
            continue;
        if (units[i].months == 0)
            return now - (when)n.value * units[i].length;
        int months = (int)n.value * units[i].months;
        return months / 12 + 1 < when_to_civil(now).year ? months_before(now, months) : WHEN_NONE;
    }
    return WHEN_NONE;
}

/* "2026", "2026-11", "2026-11-21": the period's start or, with upper, its end. */
static when
calendar_time(str text, bool upper)
{
    struct str_cut year = str_cut(text, '-'), month = str_cut(year.tail, '-');
    struct civil c = { .month = 1, .day = 1 };
    uint64_t y, m = 1, d = 1;
    if (year.head.n != 4 || !str_to_u64(year.head, &y) ||
        (year.found && (month.head.n != 2 || !str_to_u64(month.head, &m))) ||
        (month.found && (month.tail.n != 2 || !str_to_u64(month.tail, &d))))
        return WHEN_NONE;
    c.year = (int)y;
    c.month = (int)m;
    c.day = (int)d;
    when start = when_from_civil(c);
    if (start == WHEN_NONE || !upper)
        return start;
    return month.found ? start + WHEN_DAY : month_start(c, year.found ? 1 : 12);
}

/* RFC 3339, or the same without zone or seconds, which then mean UTC and none. */
static when
moment(str text)
{
    char room[32];
    bool blank = text.n > 10 && (text.p[10] == ' ' || text.p[10] == 'T' || text.p[10] == 't');
    if (blank && text.n >= 16 && (text.n == 16 || text.p[16] != ':') && text.n + 3 < sizeof room) {
        memcpy(room, text.p, 16);
        memcpy(room + 16, ":00", 3);
        memcpy(room + 19, text.p + 16, text.n - 16);
        text = str_of(room, text.n + 3);
    }
    struct when_result r = when_rfc3339(text);
    return r.ok && r.rest.n == 0 ? r.at : WHEN_NONE;
}

when
opt_time(str text, when now, bool upper)
{
    text = str_trim(text);
    if (str_eq(text, S("now")))
        return now;
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++)
        if (str_eq(text, str_from(periods[i].word)))
            return period_start(periods[i].period, now, periods[i].count + upper);
    when at = time_before(text, now);
    if (at == WHEN_NONE)
        at = calendar_time(text, upper);
    return at != WHEN_NONE ? at : moment(text);
}
