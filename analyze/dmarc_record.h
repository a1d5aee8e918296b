/* A DMARC record in DNS (RFC 9989 section 4.7; RFC 7489 section 6.3). */
#ifndef DMARC_RECORD_H
#define DMARC_RECORD_H

#include "str.h"

enum dmarc_ask { DMARC_ASK_ABSENT, DMARC_ASK_NONE, DMARC_ASK_QUARANTINE, DMARC_ASK_REJECT };

struct dmarc_published {
    bool is_dmarc;                /* begins with v=DMARC1 */
    bool usable;                  /* p is there, or rua is, which makes it p=none */
    enum dmarc_ask p, sp, np;     /* ABSENT: not given */
    bool strict_dkim, strict_spf; /* adkim=s, aspf=s */
    bool testing;                 /* t=y */
    char psd;                     /* 'y', 'n', or 'u' */
    int pct;                      /* RFC 7489 only; 100 where not given */
};

struct dmarc_published dmarc_record_parse(str text);
str dmarc_ask_word(enum dmarc_ask);

#endif
