/* fetchmail: the table, for the self-proof. */
#ifndef LOG_FETCHMAIL_H
#define LOG_FETCHMAIL_H

#include "format.h"
#include "logrow.h"

const struct log_row *fetchmail_rows(size_t *n);

#endif
