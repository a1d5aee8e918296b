/* msmtp: the table, for the self-proof, and the framing of its log files. */
#ifndef LOG_MSMTP_H
#define LOG_MSMTP_H

#include "format.h"
#include "logrow.h"

const struct log_row *msmtp_rows(size_t *n);

/* "Nov 21 22:11:35 host=...": the form of the stamp can be set; the usual ones are known. */
bool msmtp_frame(str whole, struct line *, struct civil *, bool *zoned, int *offset_s);

#endif
