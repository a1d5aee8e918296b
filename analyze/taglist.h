/* Tag lists, "v=DKIM1; k=rsa; p=..." (RFC 6376 section 3.2), as DKIM, its keys, DMARC and ARC use them.
 *
 * Names are case-sensitive; blanks and folds around names and values are cut
 * off, those inside values stay. */
#ifndef TAGLIST_H
#define TAGLIST_H

#include "str.h"

enum { TAGLIST_MAX = 64 };

struct tag {
    str name, value;
    str raw; /* all between "=" and ";" */
};

struct taglist {
    struct tag tags[TAGLIST_MAX];
    size_t n;
    const char *problem; /* a breach of the grammar; what can be read is there all the same */
    bool duplicate;      /* a name occurs twice: the first one counts */
};

void taglist_parse(struct taglist *, str text);

/* The value of a tag; *there (may be NULL) says whether it is present. */
str taglist_get(const struct taglist *, const char *name, bool *there);

/* Walks a list with a separator, "a : b:c"; false at its end. Items are trimmed. */
bool taglist_item(str *rest, char separator, str *item);
bool taglist_has(str list, char separator, const char *item); /* without regard to case */

#endif
