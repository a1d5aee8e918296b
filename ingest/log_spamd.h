/* SpamAssassin's spamd and spamass-milter: the table, for the self-proof, and the framing of spamd's own file. */
#ifndef LOG_SPAMD_H
#define LOG_SPAMD_H

#include "format.h"
#include "logrow.h"

const struct log_row *spamd_rows(size_t *n);

/* "Sat Nov 21 22:11:35 2026 [pid] info: text", as spamd writes to a file (-s FILE). */
bool spamd_frame(str whole, struct line *, struct civil *, bool *zoned, int *offset_s);

#endif
