/* XML in pieces, set right on the way.
 *
 * The reports of the world are often not well-formed: a bare "&", "<" in an
 * address, tags that are not closed, bytes of another charset than declared.
 * xml_tidy.c turns what comes into a well-formed UTF-8 document, token by
 * token, and xml.c (the owner of libxml2) parses that with SAX2 push.  There
 * is no DTD, no entity beyond the five of XML and the Latin-1 names of HTML, no
 * network, no tree: memory is constant, whatever the size of the document.
 *
 * Bounds: elements nested deeper than XML_MAX_DEPTH, tags longer than
 * XML_MAX_TAG and names longer than XML_MAX_NAME are not read as markup. */
#ifndef XML_H
#define XML_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

enum {
    XML_MAX_DEPTH = 64,
    XML_MAX_TAG = 16 << 10,
    XML_MAX_NAME = 200,
    XML_MAX_ATTRIBUTES = 32,
};

/* What had to be repaired; bits of xml_repairs(). */
enum xml_repair {
    XML_CHARSET = 1 << 0,   /* bytes that are none of its charset, read as Windows-1252 */
    XML_CONTROL = 1 << 1,   /* control characters, dropped */
    XML_STRAY = 1 << 2,     /* "<" or "&" that is no markup, kept as text */
    XML_ENTITY = 1 << 3,    /* a reference to an entity that is not expanded, kept as text */
    XML_DOCTYPE = 1 << 4,   /* a document type declaration, skipped */
    XML_MISMATCH = 1 << 5,  /* end tags missing, or without a start */
    XML_DEPTH = 1 << 6,     /* elements beyond XML_MAX_DEPTH, skipped */
    XML_ATTRIBUTE = 1 << 7, /* attributes that are none, skipped */
    XML_CUT = 1 << 8,       /* the document ends inside a tag, or with elements open */
};
/* The lowest of these repairs in words; NULL for none. */
const char *xml_repair_text(unsigned repairs);

struct xml_attribute {
    str name, value; /* the name with its prefix */
};

/* Names come with their prefix, texts in pieces; views live during the call. */
struct xml_events {
    void (*start)(void *ctx, str name, const struct xml_attribute *, size_t n);
    void (*end)(void *ctx, str name);
    void (*text)(void *ctx, str);
};

/* During an event: where its tag stands, in bytes from the start of the document and in lines from 1.
 * After the last push of a document that is cut: what was cut off.  implied: the end of an element that has no end tag; end is then offset. */
struct xml_place {
    uint64_t offset, end, line;
    bool implied;
    unsigned repairs; /* of the document before it; of events alone */
};

struct xml;
struct xml *xml_new(const struct xml_events *, void *ctx);
void xml_free(struct xml *);

/* Reads what is complete in these bytes and returns how many were used up; the others have to
 * come again with more behind them.  last: nothing will come.  Events are the same for any
 * sizes of pieces.  After the end of the root element nothing more is used. */
size_t xml_push(struct xml *, str bytes, bool last);

bool xml_done(const struct xml *);         /* the root element was closed, or the end was reached */
const char *xml_fault(const struct xml *); /* why libxml2 would not go on, or NULL */
unsigned xml_repairs(const struct xml *);
struct xml_place xml_place(const struct xml *);

/* The name without its prefix. */
static inline str
xml_local(str name)
{
    size_t colon = str_find_char(name, ':');
    return colon == STR_NONE ? name : str_skip(name, str_rfind_char(name, ':') + 1);
}

#endif
