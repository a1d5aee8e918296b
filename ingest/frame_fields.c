/* The fields of structured log records, by the names that journald, Docker, rsyslog, syslog-ng, Fluent Bit,
 * Vector and Elastic's shippers give them.  Where several tell the same, the highest row counts. */
#include "frame_impl.h"

enum role { ROLE_TEXT, ROLE_TIME, ROLE_HOST, ROLE_PROGRAM, ROLE_PID };

static const struct {
    enum role role;
    const char *key;
} fields[] = {
    { ROLE_TEXT, "MESSAGE" },
    { ROLE_TEXT, "log" },
    { ROLE_TEXT, "message" },
    { ROLE_TEXT, "msg" },
    { ROLE_TIME, "_SOURCE_REALTIME_TIMESTAMP" },
    { ROLE_TIME, "__REALTIME_TIMESTAMP" },
    { ROLE_TIME, "timereported" },
    { ROLE_TIME, "ISODATE" },
    { ROLE_TIME, "time" },
    { ROLE_TIME, "timestamp" },
    { ROLE_TIME, "@timestamp" },
    { ROLE_TIME, "ts" },
    { ROLE_TIME, "date" },
    { ROLE_HOST, "_HOSTNAME" },
    { ROLE_HOST, "hostname" },
    { ROLE_HOST, "HOST" },
    { ROLE_HOST, "host" },
    { ROLE_PROGRAM, "SYSLOG_IDENTIFIER" },
    { ROLE_PROGRAM, "syslogtag" },
    { ROLE_PROGRAM, "ident" },
    { ROLE_PROGRAM, "appname" },
    { ROLE_PROGRAM, "app-name" },
    { ROLE_PROGRAM, "programname" },
    { ROLE_PROGRAM, "PROGRAM" },
    { ROLE_PROGRAM, "program" },
    { ROLE_PROGRAM, "_COMM" },
    { ROLE_PID, "SYSLOG_PID" },
    { ROLE_PID, "_PID" },
    { ROLE_PID, "procid" },
    { ROLE_PID, "PID" },
    { ROLE_PID, "pid" },
};

/* Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size. */
static when
epoch(str digits)
{
    struct str_cut c = str_cut(digits, '.');
    uint64_t n;
    if (!str_to_u64(c.head, &n))
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
    struct when_result stamp = when_rfc3339(value);
    struct civil none = { 0 };
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
        w->civil = when_to_civil(at);
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

void
frame_field(struct wrapping *w, unsigned char ranks[], str key, str value)
{
    if (key.n < 2 || key.n > 26)
        return;
    for (unsigned char i = 0; i < sizeof fields / sizeof *fields; i++) {
        enum role role = fields[i].role;
        if (!str_eq(key, str_from(fields[i].key)))
            continue;
        if (ranks[role] != 0 && ranks[role] <= i + 1) /* a better one was there */
            return;
        switch (role) {
        case ROLE_TEXT: w->text = value; break;
        case ROLE_TIME:
            if (!take_time(w, value))
                return;
            break;
        case ROLE_HOST: w->host = value; break;
        case ROLE_PROGRAM: w->program = value; break;
        case ROLE_PID: w->pid = value; break;
        }
        ranks[role] = (unsigned char)(i + 1);
        return;
    }
}

bool
frame_is_record(const unsigned char ranks[])
{
    return ranks[ROLE_TIME] && (ranks[ROLE_TEXT] || ranks[ROLE_PROGRAM]);
}
