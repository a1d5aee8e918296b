/* The sink of ingest --dry-run: one JSON object a line (waybill-formats(7)), into a file stream. */
#ifndef NDJSON_H
#define NDJSON_H

#include <stdio.h>

#include "sink.h"

struct ndjson;
struct ndjson *ndjson_new(FILE *);
struct sink *ndjson_sink(struct ndjson *);
bool ndjson_flush(struct ndjson *); /* false with the sink's diag filled */
void ndjson_free(struct ndjson *);

#endif
