/* The charset of an XML document: found, and turned into UTF-8. */
#ifndef XML_CHARSET_H
#define XML_CHARSET_H

#include "buf.h"

/* Only what keeps ASCII where it is, UTF-16 and UTF-32.  ISO-8859-1 is read as Windows-1252, its superset
 * in practice, and so is every byte that is not UTF-8 where UTF-8 was declared or nothing. */
enum xml_charset {
    CHARSET_UTF8,
    CHARSET_CP1252,
    CHARSET_UTF16LE,
    CHARSET_UTF16BE,
    CHARSET_UTF32LE,
    CHARSET_UTF32BE,
    CHARSET_NAMED, /* by iconv, CHARSET_NAMED + index of its table */
};

/* Units of several bytes, which are decoded before anything else. */
static inline bool
xml_charset_is_wide(enum xml_charset c)
{
    return c >= CHARSET_UTF16LE && c <= CHARSET_UTF32BE;
}

/* By byte order mark, by NUL bytes, by the XML declaration (RFC 7303, XML 1.0 appendix F).
 * skip: bytes of the mark.  ok is false while head is too short to tell. */
struct xml_charset_result {
    enum xml_charset charset;
    size_t skip;
    bool ok;
};
struct xml_charset_result xml_charset_find(str head, bool last);

/* Appends text in UTF-8; false if some of it was not of that charset (and was read as
 * Windows-1252).  Not for wide ones. */
bool xml_charset_decode(struct buf *, enum xml_charset, str text);

/* Appends UTF-16 or UTF-32 in UTF-8 and returns how many bytes were used up: half a unit or pair at the end
 * waits for more unless these are the last.  A lone surrogate becomes U+FFFD and is not *good. */
size_t xml_charset_decode_wide(struct buf *, enum xml_charset, str bytes, bool last, bool *good);

/* How many bytes of the source this decoded text took. */
uint64_t xml_charset_width(enum xml_charset, str decoded);

#endif
