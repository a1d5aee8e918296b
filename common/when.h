/* Points in time.
 *
 * A when is microseconds since 1970-01-01T00:00:00Z; WHEN_NONE says "not known".
 * Years 1..9999.  Leap seconds (":60") count as the next second. */
#ifndef WHEN_H
#define WHEN_H

#include "arena.h"
#include "str.h"

typedef int64_t when;
#define WHEN_NONE   INT64_MIN
#define WHEN_SECOND ((when)1000000)
#define WHEN_MINUTE (60 * WHEN_SECOND)
#define WHEN_HOUR   (60 * WHEN_MINUTE)
#define WHEN_DAY    (24 * WHEN_HOUR)

/* A civil date and time as some text said it, not yet in any zone. */
struct civil {
    int year;                             /* 0: not said */
    int month, day, hour, minute, second; /* month and day from 1 */
    int micros;
};

/* The civil time read as if it were UTC; WHEN_NONE if a field is out of range. */
when when_from_civil(struct civil);
struct civil when_to_civil(when);

when when_now(void);

/* Floor to the whole second (also below 1970). */
when when_second(when);

/* RFC 3339 at the start of s ("2026-11-21T23:11:35.686954+01:00", blank for T allowed,
 * "Z" or offset needed; without one zoned is false and at is read as UTC).
 * rest is what follows. */
struct when_result {
    when at;
    struct civil civil;
    str rest;
    int offset_s; /* as said, east positive */
    bool zoned, ok;
};
struct when_result when_rfc3339(str s);

/* RFC 3164 stamp at the start of s: "Nov 21 22:11:35", "Nov  1 ...", "Nov 01 ..."; and, where blanks were lost, "Nov 1 ...".
 * Only civil and rest are set: no year, no zone. Optional fraction is read. */
struct when_result when_rfc3164(str s);

/* RFC 5322 3.3 date, obsolete zones and two-digit years as 4.3 reads them; comments allowed; also "21-Nov-2026",
 * "10:00 PM", "GMT+01:00". */
struct when_result when_rfc5322(str s);

/* A time zone: "UTC", "+02:00", "-0530" or a name of the system's database ("Europe/Berlin").
 * Conversions are cached; the struct is owned by the caller and needs no release. */
struct zone {
    char name[64];
    bool fixed;
    int fixed_s;         /* offset of a fixed zone, east positive */
    when cached_quarter; /* civil quarter of an hour (as UTC) that the cached offsets are for */
    int cached_s, cached_again_s;
};
bool zone_init(struct zone *, str name); /* false: no such zone */
void zone_of_system(struct zone *);      /* $TZ, else the machine's; else UTC */
when zone_to_utc(struct zone *, when civil_as_utc);
/* An hour that comes twice, as summer time ends, is read so that it fits behind a time not long before; WHEN_NONE: as
 * the first. */
when zone_to_utc_after(struct zone *, when civil_as_utc, when before);

/* "2026-11-21T22:11:35.686954Z"; micros only when not zero. */
str when_format(struct arena *, when);
enum { WHEN_TEXT = 40 };
str when_text(char out[WHEN_TEXT], when);

#endif
