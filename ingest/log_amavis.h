/* amavis: the table, for the self-proof. */
#ifndef LOG_AMAVIS_H
#define LOG_AMAVIS_H

#include "logrow.h"

const struct log_row *amavis_rows(size_t *n);

#endif
