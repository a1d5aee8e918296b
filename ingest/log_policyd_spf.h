/* SPF policy servers of Postfix: the table, for the self-proof. */
#ifndef LOG_POLICYD_SPF_H
#define LOG_POLICYD_SPF_H

#include "logrow.h"

const struct log_row *policyd_spf_rows(size_t *n);

#endif
