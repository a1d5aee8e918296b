/* The parts of a MIME message (RFC 2045, 2046), flattened to its leaves.
 *
 * What the outer header does not say is as RFC 2045 5.2 has it: text/plain.
 * Broken messages give what they hold: a missing closing boundary ends with its
 * container, an unreadable transfer encoding leaves the bytes as they are. */
#ifndef MIME_H
#define MIME_H

#include "message.h"

struct mime_part {
    str content_type; /* lower case "type/subtype"; "text/plain" if absent or unreadable */
    str charset;      /* as written; "" if not said */
    str filename;     /* UTF-8 (RFC 2231, RFC 2047; filename= or name=); "" if none */
    str body;         /* transfer-decoded, in the arena or a view of raw */
    int depth;        /* 0: the message itself is this leaf */
    size_t offset;    /* of the part's (still encoded) body in the message; inside an encoded
                             message/rfc822 that of the encoded part */
    str headers;      /* the header section of the leaf's own entity */
    str nested;       /* the innermost nested message it lies in, with its headers; "" if in none */
};

/* Calls each for every leaf, depth first; a nested message/rfc822 is descended into, also where it is
 * transfer-encoded.  each returns false to stop.  True: every leaf was shown; false: each stopped it,
 * or MESSAGE_MAX_MIME_DEPTH or _PARTS was met. */
bool mime_walk(struct arena *, const struct message *, bool (*each)(void *ctx, const struct mime_part *),
               void *ctx);

/* What of the message such a walk cannot show for these limits, in plain words; NULL: nothing. */
const char *mime_limit(struct arena *, const struct message *);

/* A parameter of a field such as Content-Type, name in lower case: quotes taken off, RFC 2231 pieces
 * joined and converted, encoded words decoded; "" if absent. */
str mime_parameter(struct arena *, str value, const char *name);

/* "Multipart/Report; report-type=..." -> "multipart/report"; "" if it is no type. */
str mime_type(struct arena *, str value);

#endif
