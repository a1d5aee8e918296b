/* What went wrong, said once and in one form. */
#include "diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int diag_verbosity = 0;

bool
diag_set(struct diag *d, enum exit_code code, const char *format, ...)
{
    if (d == NULL)
        return false;
    d->code = code;
    va_list args;
    va_start(args, format);
    vsnprintf(d->text, sizeof d->text, format, args);
    va_end(args);
    return false;
}

bool
diag_errno(struct diag *d, enum exit_code code, const char *format, ...)
{
    int saved = errno;
    if (d == NULL)
        return false;
    d->code = code;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(d->text, sizeof d->text, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof d->text)
        snprintf(d->text + n, sizeof d->text - (size_t)n, ": %s", strerror(saved));
    return false;
}

__attribute__((format(printf, 2, 0))) static void
say(const char *prefix, const char *format, va_list args)
{
    fputs(prefix, stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

void
warn(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say("waybill: ", format, args);
    va_end(args);
}

void
note(const char *format, ...)
{
    if (diag_verbosity < 0)
        return;
    va_list args;
    va_start(args, format);
    say("waybill: ", format, args);
    va_end(args);
}

void
debug(const char *format, ...)
{
    if (diag_verbosity < 1)
        return;
    va_list args;
    va_start(args, format);
    say("waybill: debug: ", format, args);
    va_end(args);
}

void
die(enum exit_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say("waybill: ", format, args);
    va_end(args);
    exit((int)code);
}

void
die_diag(const struct diag *d)
{
    die(d->code ? d->code : EXIT_INTERNAL, "%s", d->text);
}

void
bug_at(const char *file, int line, const char *format, ...)
{
    fprintf(stderr, "waybill: bug at %s:%d: ", file, line);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}
