/* nullmailer: the table, for the self-proof. */
#ifndef LOG_NULLMAILER_H
#define LOG_NULLMAILER_H

#include "format.h"
#include "logrow.h"

const struct log_row *nullmailer_rows(size_t *n);

#endif
