/* Text of a broken document as text of a sound one. */
#ifndef XML_ESCAPE_H
#define XML_ESCAPE_H

#include "buf.h"
#include "xml_charset.h"

/* Appends raw text in UTF-8, escaped.  References to characters, to the entities of XML and to the
 * Latin-1 names of HTML are kept; other uses of "&" become text.  Returns bits of enum xml_repair.
 * Text of UTF-16 documents comes here already decoded. */
unsigned xml_escape(struct buf *, enum xml_charset, str raw);

/* The same for CDATA, where "&" is nothing special. */
unsigned xml_escape_literal(struct buf *, enum xml_charset, str raw);

#endif
