/* Regular expressions with named groups; common/regex.c is the owner of PCRE2.
 *
 * Patterns are compiled once with JIT and match the whole text, from its
 * first byte to its last.  Matching is bounded (match limit) and not thread-safe per regex. */
#ifndef REGEX_H
#define REGEX_H

#include "diag.h"
#include "str.h"

struct regex;

enum { REGEX_MAX_GROUPS = 31 };

/* NULL with diag filled if the pattern is wrong. */
struct regex *regex_new(const char *pattern, struct diag *);
void regex_free(struct regex *);

/* Number of groups (1..), and the name of group i ("" if unnamed). */
int regex_groups(const struct regex *);
str regex_group_name(const struct regex *, int i);

/* Whether a text that matches may begin with this byte; true of all where the pattern does not say. */
bool regex_may_begin(const struct regex *, unsigned char first);

/* groups[1..] are the parts of text that matched; p NULL where a group took no part. */
bool regex_match(struct regex *, str text, str groups[REGEX_MAX_GROUPS + 1]);

#endif
