/* What the auth_*.c files that make findings share; nobody else includes this. */
#ifndef AUTH_FINDINGS_H
#define AUTH_FINDINGS_H

#include "auth.h"

struct auth_notes {
    struct arena *arena;
    struct auth_finding *items;
    size_t n, room;
};

/* Adds a finding of the stage authentication. */
void auth_note(struct auth_notes *, const char *severity, const char *code, str text);

/* "3 days", "5 hours", ...: a distance in time, in words. */
str auth_age(struct arena *, when distance);

/* Recorded results against computed ones (auth_compare.c). */
void auth_compare(struct auth_notes *, const struct message *, const struct auth_verdict *);

#endif
