/* UTF-8 (RFC 3629): checking and repairing. */
#ifndef UTF8_H
#define UTF8_H

#include "arena.h"
#include "buf.h"

/* The first character of s: its length in bytes, or ok false and length 1 where the bytes are
 * no UTF-8 (overlong, surrogate, beyond U+10FFFF, cut short).  s must not be empty. */
struct utf8_result {
    size_t length;
    uint32_t code;
    bool ok;
};
struct utf8_result utf8_cut(str s);

bool utf8_valid(str s);
size_t utf8_encode(char *out, uint32_t code); /* has room for four bytes; those written */
void utf8_put(struct buf *, uint32_t code);

/* The character of a Windows-1252 byte; U+FFFD where it has none. */
uint32_t utf8_from_cp1252(unsigned char byte);

/* s itself when it is valid UTF-8 without NUL; else a copy in which bad bytes are read as
 * Windows-1252 and NUL is dropped.  *repaired (may be NULL) tells. PostgreSQL takes the result. */
str utf8_repair(struct arena *, str s, bool *repaired);

#endif
