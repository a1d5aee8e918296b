/* sSMTP: the table, for the self-proof. */
#ifndef LOG_SSMTP_H
#define LOG_SSMTP_H

#include "format.h"
#include "logrow.h"

const struct log_row *ssmtp_rows(size_t *n);

#endif
