/* From as DMARC needs it: one domain, or why there is none; and whatever could make readers of it disagree. */
#ifndef AUTH_FROM_H
#define AUTH_FROM_H

#include "message.h"

enum { FROM_MAX_REMARKS = 16 };

struct from_remark {
    const char *text; /* constant */
    str shown;        /* the part of the field that it is about; may be "" */
    bool misleading;  /* a reader may be shown another author than DMARC judges */
};

struct from_view {
    str domain;          /* of all authors; "" where problem is set */
    const char *problem; /* why DMARC cannot judge; NULL: it can */
    struct from_remark remarks[FROM_MAX_REMARKS];
    size_t nremarks;
};

void from_view(struct arena *, const struct message *, struct from_view *);

#endif
