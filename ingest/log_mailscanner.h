/* MailScanner: the table, for the self-proof. */
#ifndef LOG_MAILSCANNER_H
#define LOG_MAILSCANNER_H

#include "format.h"
#include "logrow.h"

const struct log_row *mailscanner_rows(size_t *n);

#endif
