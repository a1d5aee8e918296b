/* Writes an aggregate report as one JSON object (ingest --dry-run, waybill-formats(7)).
 *
 * Names are those of the SQL columns; records stand under "records", DKIM and SPF results in the order of
 * the report under each record's "auth".  What was not said is left out.  A sink calls the three functions
 * from its dmarc_begin, dmarc_record and dmarc_end; it may empty the buf in between, so that a report of any
 * length takes constant memory.  Rejects of the same report come between begin and end: a sink that writes
 * them to the same stream keeps them until the object is closed. */
#ifndef DMARC_JSON_H
#define DMARC_JSON_H

#include "dmarc.h"
#include "json.h"

struct dmarc_json {
    struct json json;
    uint64_t written; /* fields of the head that are there already, as bits */
    int64_t messages;
};

void dmarc_json_begin(struct dmarc_json *, struct buf *out, str source, const struct dmarc_report *);
void dmarc_json_record(struct dmarc_json *, const struct dmarc_record *);
void dmarc_json_end(struct dmarc_json *, const struct dmarc_report *); /* without a line end */

#endif
