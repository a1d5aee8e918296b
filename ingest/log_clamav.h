/* ClamAV and MIMEDefang: the tables, for the self-proof. */
#ifndef LOG_CLAMAV_H
#define LOG_CLAMAV_H

#include "format.h"
#include "logrow.h"

const struct log_row *clamav_rows(size_t *n);
const struct log_row *mimedefang_rows(size_t *n);

bool clamav_frame(str whole, struct line *, struct civil *, bool *zoned, int *offset_s);

/* What rows call a program: "clamd", "clamav-milter". */
str clamav_program(str tag);

#endif
