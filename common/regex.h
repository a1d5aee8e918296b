/* Regular expressions with named groups; common/regex.c is the owner of PCRE2.
 *
 * Patterns are compiled once with JIT and match the whole text, from its
 * first byte to its last.  Matching is bounded (match limit) and not thread-safe per regex. */
#ifndef REGEX_H
#define REGEX_H

#include "diag.h"
#include "str.h"

struct regex;

enum { REGEX_MAX_GROUPS = 31, REGEX_BYTES = 256 };

/* NULL with diag filled if the pattern is wrong. */
struct regex *regex_new(const char *pattern, struct diag *);
void regex_free(struct regex *);

/* Number of groups (1..), and the name of group i ("" if unnamed). */
int regex_groups(const struct regex *);
str regex_group_name(const struct regex *, int i);

/* A bit for each byte that a match of a pattern may begin with; all where it does not say.  As dear as compiling it. */
void regex_begins(const char *pattern, unsigned char bits[REGEX_BYTES / 8]);

/* groups[1..] are the parts of text that matched; p NULL where a group took no part. */
bool regex_match(struct regex *, str text, str groups[REGEX_MAX_GROUPS + 1]);

#endif
