/* Makes a well-formed UTF-8 document of whatever looks like XML; the inner half of xml.h.
 *
 * What it hands to emit is balanced markup without declarations, comments,
 * processing instructions, CDATA, document types, and entities: start tags,
 * end tags, escaped text, many at a time.  The place of each start and each
 * end is queued in the same order, for the parser's events to pick up. */
#ifndef XML_TIDY_H
#define XML_TIDY_H

#include "buf.h"
#include "xml.h"
#include "xml_charset.h"

enum { TIDY_PLACES = 512 };

enum tidy_where { TIDY_START, TIDY_PROLOG, TIDY_CONTENT, TIDY_DONE };
enum tidy_inside { TIDY_MARKUP, TIDY_COMMENT, TIDY_INSTRUCTION, TIDY_CDATA, TIDY_TYPE, TIDY_TYPE_COMMENT };

struct tidy {
    void (*emit)(void *ctx, str clean);
    void *ctx;
    enum tidy_where where;
    enum tidy_inside inside;
    enum xml_charset charset;
    struct buf wide; /* UTF-16 and UTF-32 input, decoded */
    char type_quote; /* inside a document type: the open quote, and open brackets */
    int type_brackets;
    uint64_t offset, line;   /* of the next byte */
    struct xml_place place;  /* of the present tag; at the end, of what was cut off */
    struct xml_place opened; /* of the comment, CDATA, ... that the input is inside of */
    struct xml_place places[TIDY_PLACES];
    size_t nplaces; /* of tags that are in out or wait in the parser */
    unsigned repairs;
    bool in_text; /* text stands since the last tag */
    struct buf out;
    char names[XML_MAX_DEPTH][XML_MAX_NAME];
    size_t lengths[XML_MAX_DEPTH];
    size_t depth, beyond; /* open elements, and those below the deepest that counts */
};

/* In memory of zeros. */
void tidy_init(struct tidy *, void (*emit)(void *ctx, str clean), void *ctx);
void tidy_free(struct tidy *);
size_t tidy_push(struct tidy *, str bytes, bool last); /* as xml_push */

#endif
