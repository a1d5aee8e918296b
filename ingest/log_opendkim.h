/* OpenDKIM (and its ancestor dkim-filter): the table, for the self-proof. */
#ifndef LOG_OPENDKIM_H
#define LOG_OPENDKIM_H

#include "logrow.h"

const struct log_row *opendkim_rows(size_t *n);

#endif
