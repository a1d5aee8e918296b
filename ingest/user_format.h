/* Line formats that a file describes: waybill-formats(7), USER-DEFINED FORMATS.
 *
 * The rows of such a file are those of logrow.h.  Everything is checked when
 * it is read, the rows by sample lines of their own: each must be matched by
 * its row and by no other. */
#ifndef USER_FORMAT_H
#define USER_FORMAT_H

#include "format.h"

#define USER_FORMATS_MAX 16  /* of all files */
#define USER_ROWS_MAX    256 /* of one format */

/* Adds the formats of a file to the registry.  False (EXIT_USAGE, "path:line: why") adds none of them. */
bool user_formats_load(str bytes, const char *path, struct diag *);

/* Takes all of them out again: nobody may hold one any more. */
void user_formats_drop(void);

#endif
