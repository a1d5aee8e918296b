/* Received fields: what a host wrote down when it took a message over.
 *
 * The grammar (RFC 5321 4.4: from, by, via, with, id, for, ";" date) is only the
 * start: MTAs put most of what matters into comments, and many do as they like.
 * Texts are as written, except:
 *   addresses    canonical, without brackets, "IPv6:", port, zone index
 *   from_name    the word after "from"; an address literal without its brackets
 *   from_helo    only where the field names the HELO apart from it
 *   from_ident   user, user@host or "uid N", whichever was said of the client's user
 *   protocol     RFC 3848's words in capitals ("ESMTPSA"), "local", HTTP...; others as written
 *   tls_version  "TLSv1.3", whatever the spelling
 * Absent means not said. */
#ifndef RECEIVED_H
#define RECEIVED_H

#include "message.h"

/* What lies beyond is not looked at. */
enum { RECEIVED_MAX_BYTES = 8192 };

/* Reads a field's value (folded or not).  False where nothing at all could be made of it. */
bool received_parse(struct arena *, str value, struct received *out);

/* "TLS1_2", "TLS-1.0", "TLSv1/SSLv3" -> "TLSv1.2", "TLSv1.0", "TLSv1.0"; "" if it is no version. */
str tls_version_of(struct arena *, str word);

/* Canonical text of an address, port and zone index cut off; "" if it is none. */
str ip_text(struct arena *, str word);

/* "Fri Feb 07 10:18:12 2003 -0800", "Fri Sep 14 14:36:56 EDT 2018": the order of ctime(3), as some
 * hosts and all mbox From lines have it; at most six words.  rest is empty. */
struct when_result date_of_ctime(struct arena *, str);

/* A date as RFC 5322 has it, else as RFC 3339 or ctime(3). */
struct when_result date_of_any(struct arena *, str);

#endif
