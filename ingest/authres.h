/* What receivers recorded of authentication: Authentication-Results (RFC 8601),
 * ARC-Authentication-Results (RFC 8617 4.1.1), Received-SPF (RFC 7208 9.1).
 *
 * Methods, results and property names come in lower case, values as written
 * without quotes.  reason is what reason= said; where it said nothing and the
 * result is not pass, the comment behind the result.  Nothing is believed:
 * trusted stays false. */
#ifndef AUTHRES_H
#define AUTHRES_H

#include "message.h"

/* Bounds; further ones are not read. */
enum { AUTHRES_MAX_RESULTS = 200, AUTHRES_MAX_PROPERTIES = 50, AUTHRES_MAX_BYTES = 64 << 10 };

/* A field's value.  False where it holds neither an authserv-id nor a result. */
bool authres_parse(struct arena *, str value, struct auth_results *);

/* authserv_id is receiver=, or the host that the comment names; properties keep their names, but
 * envelope-from and helo are called smtp.mailfrom and smtp.helo as in the other field. */
bool received_spf_parse(struct arena *, str value, struct auth_results *);

/* All of a message's recorded results, in header order. */
void authres_read(struct message *, struct arena *);

#endif
