/* Reads a document of DMARC aggregate reports in XML in pieces, in constant memory (RFC 9990, RFC 7489
 * appendix C, the drafts before them, and what is really sent).  Mostly it holds one; of several feedback
 * elements below one root, or begun where the one before was not closed, each is a report of its own.
 *
 * Elements count by their local names, in any case, namespace and order.  The sink gets dmarc_begin when
 * the reporter, domain and period are known, dmarc_record for each record, dmarc_end with all that was
 * said; in between, and after it, rejects for what could not be read:
 *   - a value that cannot be read (a date, an address, a second value of one kind): its element;
 *   - a record without a readable count: the whole record;
 *   - a document that is no report: all of it, and nothing else is handed on.
 * Records that stand before the metadata wait, up to a bound. */
#ifndef DMARC_XML_H
#define DMARC_XML_H

#include "sink.h"
#include "report.h"

enum {
    DMARC_MAX_VALUE = 4 << 10,      /* bytes of one text; the rest is dropped, and said so */
    DMARC_MAX_EXTENSION = 64 << 10, /* the same of the extensions of a record, or of the report */
    DMARC_MAX_AUTH = 1000,          /* results in a record; RFC 9990 expects no more than 100 */
    DMARC_MAX_REASONS = 100,
    DMARC_MAX_WAITING = 16 << 20, /* bytes of records that wait for the metadata */
};

/* How sure the first bytes make us that this is a report, 0..100; eof: there are no more. */
int dmarc_recognise(str head, bool eof);

struct dmarc_xml;

/* at: where the document begins in its source (length 0: unknown until the end).  nested: it lies
 * inside something else (an archive, a mail), which at then names; records and rejects carry that
 * origin, and no bytes are accounted. */
struct dmarc_xml *dmarc_xml_new(struct sink *, struct origin at, bool nested);
void dmarc_xml_free(struct dmarc_xml *);

/* Returns the bytes used up; what is left has to come again with more behind it. */
size_t dmarc_xml_push(struct dmarc_xml *, str bytes, bool last);
bool dmarc_xml_done(const struct dmarc_xml *);

/* Ends the last report: hands out what waits, accounts for every byte pushed, rejects what is missing.
 * damage: why the source ended early, or NULL. */
struct dmarc_xml_count {
    size_t read, partly, rejected; /* reports; partly: read, with rejects */
};
struct dmarc_xml_count dmarc_xml_finish(struct dmarc_xml *, const char *damage);

/* The sink can take no more (its diag says why). */
bool dmarc_xml_failed(const struct dmarc_xml *);

#endif
