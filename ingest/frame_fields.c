/* The fields of structured log records, by the names that journald, Docker, rsyslog, syslog-ng, Fluent Bit,
 * Vector and Elastic's shippers give them.  Where several tell the same, the highest row counts. */
#include <stdlib.h>

#include "frame_impl.h"

enum { SLOTS = 256, SHORTEST = 2, LONGEST = 26 }; /* of keys */
enum role { ROLE_TEXT, ROLE_TIME, ROLE_HOST, ROLE_PROGRAM, ROLE_PID };

static const struct {
    enum role role;
    str key;
} fields[] = {
    { ROLE_TEXT, S("MESSAGE") },
    { ROLE_TEXT, S("log") },
    { ROLE_TEXT, S("message") },
    { ROLE_TEXT, S("msg") },
    { ROLE_TIME, S("_SOURCE_REALTIME_TIMESTAMP") },
    { ROLE_TIME, S("__REALTIME_TIMESTAMP") },
    { ROLE_TIME, S("timereported") },
    { ROLE_TIME, S("ISODATE") },
    { ROLE_TIME, S("time") },
    { ROLE_TIME, S("timestamp") },
    { ROLE_TIME, S("@timestamp") },
    { ROLE_TIME, S("ts") },
    { ROLE_TIME, S("date") },
    { ROLE_HOST, S("_HOSTNAME") },
    { ROLE_HOST, S("hostname") },
    { ROLE_HOST, S("HOST") },
    { ROLE_HOST, S("host") },
    { ROLE_PROGRAM, S("SYSLOG_IDENTIFIER") },
    { ROLE_PROGRAM, S("syslogtag") },
    { ROLE_PROGRAM, S("ident") },
    { ROLE_PROGRAM, S("appname") },
    { ROLE_PROGRAM, S("app-name") },
    { ROLE_PROGRAM, S("programname") },
    { ROLE_PROGRAM, S("PROGRAM") },
    { ROLE_PROGRAM, S("program") },
    { ROLE_PROGRAM, S("_COMM") },
    { ROLE_PROGRAM, S("worker_type") }, /* Rspamd's log_json, which names the worker, not the program */
    { ROLE_PID, S("SYSLOG_PID") },
    { ROLE_PID, S("_PID") },
    { ROLE_PID, S("procid") },
    { ROLE_PID, S("PID") },
    { ROLE_PID, S("pid") },
};

/* "1.795319169123e+09", as Go writes numbers. */
static when
epoch_with_exponent(str text)
{
    enum { DIGITS_MOST = 40 };
    char bytes[DIGITS_MOST + 1], *end;
    if (text.n > DIGITS_MOST || !str_is_digit(text.p[0]))
        return WHEN_NONE;
    memcpy(bytes, text.p, text.n);
    bytes[text.n] = '\0';
    double seconds = strtod(bytes, &end);
    for (int i = 0; i < 3 && seconds >= 1e11; i++)
        seconds /= 1e3;
    return *end == '\0' && seconds < 1e11 ? (when)(seconds * 1e6 + 0.5) : WHEN_NONE;
}

/* Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size. */
static when
epoch(str digits)
{
    struct str_number whole = str_cut_number(digits, 20);
    struct str_cut c = str_cut(whole.rest, '.');
    uint64_t n = whole.value;
    if (whole.rest.n && digits.p[0] != '.' &&
        (str_find_char(digits, 'e') != STR_NONE || str_find_char(digits, 'E') != STR_NONE))
        return epoch_with_exponent(digits);
    if (!whole.ok || c.head.n) /* something stands between the digits and the point */
        return WHEN_NONE;
    if (n >= 100000000000000000u)
        return (when)(n / 1000);
    if (n >= 100000000000000u)
        return (when)n;
    if (n >= 100000000000u)
        return (when)n * 1000;
    when at = (when)n * WHEN_SECOND, unit = WHEN_SECOND;
    for (size_t i = 0; i < c.tail.n && str_is_digit(c.tail.p[i]) && unit > 1; i++) {
        unit /= 10;
        at += (c.tail.p[i] - '0') * unit;
    }
    return at;
}

static bool
take_time(struct wrapping *w, str value)
{
    enum { YEAR = 4 };
    struct when_result stamp = { 0 };
    struct civil none = { 0 };
    if (value.n > YEAR && value.p[YEAR] == '-')
        stamp = when_rfc3339(value);
    if (stamp.ok) {
        w->civil = stamp.civil;
        w->dated = true;
        w->zoned = stamp.zoned;
        w->at = stamp.zoned ? stamp.at : WHEN_NONE;
        return true;
    }
    when at = epoch(value);
    if (at != WHEN_NONE) {
        w->at = at;
        w->dated = w->zoned = true;
        return true;
    }
    stamp = when_rfc3164(value);
    if (!stamp.ok)
        return false;
    w->civil = stamp.civil;
    w->dated = stamp.civil.year != none.year;
    w->zoned = false;
    w->at = WHEN_NONE;
    return true;
}

enum { ROWS = sizeof fields / sizeof *fields };

static inline size_t
slot_of(str key)
{
    return (key.n * 31 + (unsigned char)key.p[0] * 7 + (unsigned char)key.p[key.n - 1]) % SLOTS;
}

static _Thread_local struct {
    bool filled;
    unsigned char row[SLOTS]; /* one more than it; 0: free */
} slots;

static void
fill_slots(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        size_t at = slot_of(fields[i].key);
        while (slots.row[at])
            at = (at + 1) % SLOTS;
        slots.row[at] = (unsigned char)(i + 1);
    }
    slots.filled = true;
}

/* The row of a key, or -1; most keys of a record are in none. */
static inline int
row_of(str key)
{
    if (!slots.filled)
        fill_slots();
    if (key.n < SHORTEST || key.n > LONGEST)
        return -1;
    for (size_t at = slot_of(key); slots.row[at]; at = (at + 1) % SLOTS)
        if (str_eq(key, fields[slots.row[at] - 1].key))
            return slots.row[at] - 1;
    return -1;
}

int
frame_wants(const unsigned char ranks[], str key)
{
    int row = row_of(key);
    if (row < 0)
        return -1;
    unsigned char best = ranks[fields[row].role];
    return best != 0 && best <= row + 1 ? -1 : row;
}

void
frame_field(struct wrapping *w, unsigned char ranks[], int field, str value)
{
    enum role role = fields[field].role;
    switch (role) {
    case ROLE_TEXT: w->text = value; break;
    case ROLE_TIME:
        if (!take_time(w, value))
            return;
        break;
    case ROLE_HOST: w->host = value; break;
    case ROLE_PROGRAM: w->program = str_eq(fields[field].key, S("worker_type")) ? S("rspamd") : value; break;
    case ROLE_PID: w->pid = value; break;
    }
    ranks[role] = (unsigned char)(field + 1);
}

bool
frame_is_record(const unsigned char ranks[])
{
    return ranks[ROLE_TIME] && (ranks[ROLE_TEXT] || ranks[ROLE_PROGRAM]);
}
