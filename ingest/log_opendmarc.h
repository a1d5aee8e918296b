/* OpenDMARC: the table, for the self-proof. */
#ifndef LOG_OPENDMARC_H
#define LOG_OPENDMARC_H

#include "logrow.h"

const struct log_row *opendmarc_rows(size_t *n);

#endif
