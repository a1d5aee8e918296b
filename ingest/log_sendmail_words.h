/* Lines in which Sendmail speaks of itself. */
#ifndef LOG_SENDMAIL_WORDS_H
#define LOG_SENDMAIL_WORDS_H

#include "str.h"

/* Whether a text (without its id) begins as the server's own words do, and tells no outcome. */
bool sendmail_words(str text);

#endif
