/* What is inside of a signed CMS message (RFC 5652; S/MIME's application/pkcs7-mime, RFC 8551).
 *
 * Signatures are not verified: it is about what they enclose.  DER and BER with
 * indefinite lengths and octets in pieces are read; nesting is bounded. */
#ifndef CMS_H
#define CMS_H

#include "arena.h"
#include "str.h"

/* The enclosed bytes, in the arena or a view; "" where it is no signed message, or encloses nothing. */
str cms_signed_content(struct arena *, str bytes);

bool cms_is_encrypted(str bytes); /* enveloped or encrypted data */

#endif
