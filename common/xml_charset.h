/* The charset of an XML document: found, and turned into UTF-8. */
#ifndef XML_CHARSET_H
#define XML_CHARSET_H

#include "buf.h"

/* Only what keeps ASCII where it is, and UTF-16.  ISO-8859-1 is read as Windows-1252, its superset
 * in practice, and so is every byte that is not UTF-8 where UTF-8 was declared or nothing. */
enum xml_charset {
    CHARSET_UTF8,
    CHARSET_CP1252,
    CHARSET_UTF16LE,
    CHARSET_UTF16BE,
    CHARSET_NAMED, /* by iconv, CHARSET_NAMED + index of its table */
};

/* By byte order mark, by NUL bytes, by the XML declaration (RFC 7303, XML 1.0 appendix F).
 * skip: bytes of the mark.  ok is false while head is too short to tell. */
struct xml_charset_result {
    enum xml_charset charset;
    size_t skip;
    bool ok;
};
struct xml_charset_result xml_charset_find(str head, bool last);

/* Appends text in UTF-8; false if some of it was not of that charset (and was read as
 * Windows-1252).  Not for UTF-16. */
bool xml_charset_decode(struct buf *, enum xml_charset, str text);

/* Appends UTF-16 in UTF-8 and returns how many bytes were used up: half a unit or pair at the end
 * waits for more unless these are the last.  A lone surrogate becomes U+FFFD and is not *good. */
size_t xml_charset_decode16(struct buf *, enum xml_charset, str bytes, bool last, bool *good);

/* How many bytes of the source this decoded text took. */
uint64_t xml_charset_width(enum xml_charset, str decoded);

#endif
