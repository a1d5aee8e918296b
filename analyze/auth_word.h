/* Results of authentication methods, in the words of RFC 8601 section 2.7.
 *
 * UNKNOWN is ours: the DNS source or the message did not say what the method
 * needed.  It is never turned into none. */
#ifndef AUTH_WORD_H
#define AUTH_WORD_H

#include "str.h"

enum auth_word {
    AUTH_UNKNOWN,
    AUTH_NONE,
    AUTH_NEUTRAL,
    AUTH_PASS,
    AUTH_FAIL,
    AUTH_SOFTFAIL,
    AUTH_POLICY, /* it verifies, and local rules do not accept it (RFC 8601 2.4) */
    AUTH_TEMPERROR,
    AUTH_PERMERROR,
};

str auth_word(enum auth_word);

#endif
