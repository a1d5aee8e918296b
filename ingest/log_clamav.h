/* ClamAV and MIMEDefang: the tables, for the self-proof. */
#ifndef LOG_CLAMAV_H
#define LOG_CLAMAV_H

#include "logrow.h"

const struct log_row *clamav_rows(size_t *n);
const struct log_row *mimedefang_rows(size_t *n);

/* What rows call a program: "clamd", "clamav-milter". */
str clamav_program(str tag);

#endif
