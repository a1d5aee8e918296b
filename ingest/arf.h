/* Feedback reports in mails: ARF (RFC 5965, 6591, 9991) and what passes for it. */
#ifndef ARF_H
#define ARF_H

#include "feedback.h"
#include "report_parts.h"

/* The next report of a mail from its part *at on, which moves behind what was read; false if there is none.
 * origin is left to the caller. */
bool feedback_from_parts(struct arena *, const struct report_parts *, size_t *at, struct feedback *);

#endif
