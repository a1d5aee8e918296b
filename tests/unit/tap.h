/* Test Anything Protocol for unit tests: ok(), is_str(), done_testing(). */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdio.h>

#include "str.h"

static int tap_run, tap_failed;

static inline __attribute__((format(printf, 2, 3))) bool
ok(bool good, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("%s %d - ", good ? "ok" : "not ok", ++tap_run);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
    tap_failed += !good;
    return good;
}

static inline bool
is_str(str got, const char *want, const char *what)
{
    bool good = str_eq(got, str_from(want));
    ok(good, "%s", what);
    if (!good)
        printf("#      got: %.*s\n#   wanted: %s\n", PRSTR(got), want);
    return good;
}

static inline bool
is_int(long long got, long long want, const char *what)
{
    ok(got == want, "%s", what);
    if (got != want)
        printf("#      got: %lld\n#   wanted: %lld\n", got, want);
    return got == want;
}

static inline int
done_testing(void)
{
    printf("1..%d\n", tap_run);
    return tap_failed != 0;
}

#endif
