/* The account of a run of ingest: what became of its files, its bytes and its reports. */
#ifndef INGEST_ACCOUNT_H
#define INGEST_ACCOUNT_H

#include "ingest_run.h"

/* Adds what became of one source. */
void ingest_account_add(struct account *total, const struct account *);

/* Says it, unless -q was given. */
void ingest_account_say(const struct ingest *);

/* Keeps it in the table ingest_run; a failure fills in->diag. */
void ingest_account_keep(struct ingest *);

#endif
