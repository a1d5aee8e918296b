/* Many literals sought in one pass (Aho and Corasick, 1975).
 *
 * A needle is a literal in normal form (reply_parse.h); a leading or trailing
 * ~ asks for a word border there.  Add all, build once, then scan from any
 * thread.  The bounds below are the caller's to keep: beyond them it is a bug. */
#ifndef REPLY_NEEDLES_H
#define REPLY_NEEDLES_H

#include "str.h"

#define NO_NEEDLE         0xffff
#define REPLY_NEEDLES_MAX 8192
#define REPLY_STATES_MAX  0xfffe /* the bytes of all needles, what they share at their starts counted once */
#define REPLY_HITS_MAX    256

struct reply_needles;
struct reply_needles *reply_needles_new(void);
void reply_needles_free(struct reply_needles *);

/* The needle's number, the same for the same text; NO_NEEDLE for NULL. */
uint16_t reply_needle(struct reply_needles *, const char *text);
void reply_needles_build(struct reply_needles *);

/* Everything found in one text, each needle once, in order of its end; beyond REPLY_HITS_MAX
 * different ones nothing is noted. */
struct reply_hits {
    uint64_t set[REPLY_NEEDLES_MAX / 64];
    uint16_t list[REPLY_HITS_MAX];
    size_t n;
};
void reply_scan(const struct reply_needles *, str normal, struct reply_hits *);

static inline bool
reply_hit(const struct reply_hits *h, uint16_t needle)
{
    return (h->set[needle / 64] >> (needle % 64)) & 1;
}

#endif
