/* A member of an archive by its path, as if the archive were a directory: "logs.tar.gz/var/log/mail.log".
 *
 * Members are found by reading the archive up to them.  Archives inside of
 * archives are not looked into. */
#ifndef SOURCE_MEMBER_H
#define SOURCE_MEMBER_H

#include "source.h"

/* Only for source_open(); false, with errno ENOTDIR, where no member is called so. */
bool source_open_member(struct source *, const char *path);

#endif
