/* Rspamd's log, its own file or through syslog.
 *
 * A line is "<tag>; module; function: text"; in its own file "YYYY-MM-DD hh:mm:ss[.uuuuuu] #pid(worker) "
 * stands before, and no host or program. */
#ifndef LOG_RSPAMD_H
#define LOG_RSPAMD_H

#include "format.h"
#include "logrow.h"

const struct log_row *rspamd_rows(size_t *n);

/* Takes the stamp and "#pid(worker)" of its own files off; see format.h. */
bool rspamd_frame(str whole, struct line *, struct civil *, bool *zoned, int *offset_s);

#endif
