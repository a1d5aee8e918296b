/* Content transfer encodings (RFC 2045 section 6) and the Q encoding (RFC 2047 4.2).
 *
 * Decoders are lenient: what is not of the encoding is skipped (base64) or kept
 * as it stands (quoted-printable).  The result is never longer than the input;
 * it lies in the arena, or is the input itself where nothing had to change. */
#ifndef TRANSFER_H
#define TRANSFER_H

#include "arena.h"

int transfer_base64_digit(char);                    /* 0..63; -1: not of the alphabet */
str transfer_base64(struct arena *, str);           /* padding inside (joined pieces) starts anew */
str transfer_quoted_printable(struct arena *, str); /* soft line breaks, blanks at line ends dropped */
str transfer_q(struct arena *, str);                /* as in encoded words: "_" is a blank */
str transfer_uuencode(struct arena *, str);         /* from "begin" to "end" */

str transfer_yenc(struct arena *, str); /* from "=ybegin" to "=yend" */

/* By the value of Content-Transfer-Encoding; 7bit, 8bit, binary and unknown ones give the input,
 * and so does base64 that is none: XML, JSON, gzip, zip as they are. */
str transfer_decode(struct arena *, str body, str encoding);

#endif
