/* Time zones, as when.h has them: fixed offsets, and the system's database through the C library. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "when.h"

/* "+02:00", "-0530": as behind a stamp. */
static bool
read_offset(str name, int *seconds)
{
    char bytes[sizeof "1970-01-01T00:00:00" + sizeof((struct zone *)0)->name];
    int n = snprintf(bytes, sizeof bytes, "1970-01-01T00:00:00%.*s", PRSTR(name));
    struct when_result r = when_rfc3339(str_of(bytes, (size_t)n));
    *seconds = r.offset_s;
    return r.ok && r.zoned && r.rest.n == 0;
}

bool
zone_init(struct zone *z, str name)
{
    *z = (struct zone){ .cached_quarter = WHEN_NONE };
    if (name.n == 0 || name.n >= sizeof z->name)
        return false;
    memcpy(z->name, name.p, name.n);
    if (str_ieq(name, S("UTC")) || str_ieq(name, S("GMT")) || str_eq(name, S("Z"))) {
        z->fixed = true;
        return true;
    }
    if (read_offset(name, &z->fixed_s)) {
        z->fixed = true;
        return true;
    }
    /* The C library takes any text for a zone and silently means UTC: look for the file. */
    if (str_has(name, S("..")) || name.p[0] == '/')
        return false;
    char path[128];
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", z->name);
    char magic[4];
    FILE *f = fopen(path, "re");
    bool good = f && fread(magic, 1, 4, f) == 4 && memcmp(magic, "TZif", 4) == 0; /* RFC 8536 3.1 */
    if (f)
        fclose(f);
    return good;
}

void
zone_of_system(struct zone *z)
{
    const char *tz = getenv("TZ");
    if (tz && (tz[0] == '\0' || zone_init(z, str_from(tz)))) {
        if (tz[0] == '\0') /* POSIX: UTC */
            zone_init(z, S("UTC"));
        return;
    }
    /* A rule ("CET-1CEST,M3.5.0,M10.5.0/3"), a path, ":NAME": the C library's to read. */
    *z = (struct zone){ .cached_quarter = WHEN_NONE };
    snprintf(z->name, sizeof z->name, "%s", tz && strlen(tz) < sizeof z->name ? tz : ":/etc/localtime");
}

/* The offset of the zone in force at a moment. */
static int
offset_at(int64_t seconds)
{
    struct tm tm;
    time_t t = (time_t)seconds;
    return localtime_r(&t, &tm) ? (int)tm.tm_gmtoff : 0;
}

/* The zone's offsets at a civil time, by the C library (which knows summer time): where the time comes twice, both. */
static void
library_offsets(const char *name, when civil_as_utc, int *first_s, int *again_s)
{
    enum { DAY_S = 86400 };
    const char *old = getenv("TZ");
    char *saved = old ? strdup(old) : NULL;
    setenv("TZ", name, 1);
    tzset();
    int64_t civil = when_second(civil_as_utc) / WHEN_SECOND;
    int before = offset_at(civil - DAY_S), after = offset_at(civil + DAY_S);
    bool fits_before = offset_at(civil - before) == before, fits_after = offset_at(civil - after) == after;
    *first_s = fits_before || !fits_after ? before : after; /* neither: a time that summer time leaves out */
    *again_s = fits_after ? after : *first_s;
    if (saved)
        setenv("TZ", saved, 1);
    else
        unsetenv("TZ");
    tzset();
    free(saved);
}

when
zone_to_utc_after(struct zone *z, when civil_as_utc, when before)
{
    if (z->fixed)
        return civil_as_utc - (when)z->fixed_s * WHEN_SECOND;
    when quarter = civil_as_utc - civil_as_utc % (WHEN_HOUR / 4); /* zones shift at quarters of an hour */
    if (quarter != z->cached_quarter) {
        library_offsets(z->name, quarter, &z->cached_s, &z->cached_again_s);
        z->cached_quarter = quarter;
    }
    when first = civil_as_utc - (when)z->cached_s * WHEN_SECOND;
    when again = civil_as_utc - (when)z->cached_again_s * WHEN_SECOND;
    return before != WHEN_NONE && first < before - (again - first) / 2 ? again : first;
}

when
zone_to_utc(struct zone *z, when civil_as_utc)
{
    return zone_to_utc_after(z, civil_as_utc, WHEN_NONE);
}
