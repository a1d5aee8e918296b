/* What a filter's or a delivery agent's own words come to, in the terms of the chain. */
#ifndef VERDICT_H
#define VERDICT_H

#include "record.h"

/* What was done with the message, from harmless to final; a later one outweighs an earlier one. */
enum disposal {
    DISPOSAL_NONE,        /* nothing is said */
    DISPOSAL_PASSED,      /* let through */
    DISPOSAL_TAGGED,      /* let through, marked as spam */
    DISPOSAL_DEFERRED,    /* to come again: greylisting, soft reject */
    DISPOSAL_REJECTED,    /* refused or bounced: the sender is told */
    DISPOSAL_DISCARDED,   /* dropped: nobody is told */
    DISPOSAL_QUARANTINED, /* kept aside */
    /* of delivery agents */
    DISPOSAL_STORED,
    DISPOSAL_FORWARDED,
    DISPOSAL_FAILED,   /* could not be stored */
    DISPOSAL_ANSWERED, /* a vacation reply went out */
    DISPOSAL_DUPLICATE,
};

struct meaning {
    enum disposal disposal;
    enum reason reason; /* of a filter that objects: spam, virus, content_refused, greylisted */
    bool near;          /* the score came near the threshold, or passed it */
};

/* Of a verdict of kind filter or filing; others mean nothing. */
struct meaning verdict_meaning(const struct verdict *);

/* "amavis at mx: Blocked SPAM, score 7.3 of 6.2, TESTS": for findings. */
str verdict_text(struct arena *, const struct verdict *);

/* "mx/amavis": who decided. */
str verdict_by(struct arena *, const struct verdict *);

#endif
