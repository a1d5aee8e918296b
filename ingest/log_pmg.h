/* Proxmox Mail Gateway: the table, for the self-proof. */
#ifndef LOG_PMG_H
#define LOG_PMG_H

#include "logrow.h"

const struct log_row *pmg_rows(size_t *n);

#endif
