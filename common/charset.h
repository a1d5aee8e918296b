/* Text of any declared charset to UTF-8.
 *
 * What cannot be converted is never an error: bytes that make no sense become
 * U+FFFD, an unknown charset is read as UTF-8 where it is valid, else as
 * Windows-1252.  The result is UTF-8 without NUL. */
#ifndef CHARSET_H
#define CHARSET_H

#include "arena.h"

/* bytes themselves where they are UTF-8 already, else a copy in the arena.  charset: an IANA name
 * or alias in any case; empty: not said.  At most CHARSET_MAX_NAME characters of it are looked at. */
str charset_to_utf8(struct arena *, str bytes, str charset);
enum { CHARSET_MAX_NAME = 40 };

#endif
