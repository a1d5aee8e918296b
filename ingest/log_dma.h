/* The DragonFly Mail Agent: the table, for the self-proof. */
#ifndef LOG_DMA_H
#define LOG_DMA_H

#include "format.h"
#include "logrow.h"

const struct log_row *dma_rows(size_t *n);

#endif
