/* Cyrus IMAP: the table, for the self-proof. */
#ifndef LOG_CYRUS_H
#define LOG_CYRUS_H

#include "format.h"
#include "logrow.h"

const struct log_row *cyrus_rows(size_t *n);

/* What rows call a tag: "delivery" (lmtp and its kin), "reader" or "server". */
str cyrus_program(str tag);

#endif
