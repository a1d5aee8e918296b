/* What went wrong, said once and in one form.
 *
 * Lower floors fill a struct diag and return false; only cli/ ends the
 * program.  A message is lower case, without a full stop, and reads
 * "what: why (what to do)".  Exit codes are those of sysexits. */
#ifndef DIAG_H
#define DIAG_H

#include <stdbool.h>
#include <stddef.h>

enum exit_code {
    EXIT_FINE = 0,
    EXIT_BAD_FINDING = 1, /* the verdict asked for is bad (check, spf) */
    EXIT_USAGE = 64,
    EXIT_REJECTED_INPUT = 65,
    EXIT_NO_INPUT = 66, /* cannot read input */
    EXIT_DATABASE = 69,
    EXIT_INTERNAL = 70,
    EXIT_CANNOT_WRITE = 73,
    EXIT_INTERRUPTED = 130,
};

struct diag {
    enum exit_code code;
    char text[1024];
};

/* Fills d (which may be NULL) and returns false, so that callers can return its value. */
bool
diag_set(struct diag *d, enum exit_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same, with ": strerror(errno)" behind it. */
bool diag_errno(struct diag *d, enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Progress and diagnostics on stderr, prefixed with the program's name. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));  /* silent with -q */
void debug(const char *format, ...) __attribute__((format(printf, 1, 2))); /* only with -v */
extern int diag_verbosity;                                                 /* -1 with -q, 0, 1 with -v */

/* Ends the program; for cli/ and for memory. */
_Noreturn void die(enum exit_code code, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void die_diag(const struct diag *d);

/* A broken invariant: says where, and aborts. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void
bug_at(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
