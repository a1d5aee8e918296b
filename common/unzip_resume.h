/* Where an archive goes on behind damage; the inner half of unzip.h. */
#ifndef UNZIP_RESUME_H
#define UNZIP_RESUME_H

#include "str.h"

/* A block of a tar that is a member's header, by its sum. */
bool unzip_is_tar_header(str);

/* The next member's header behind the `known` ones from an offset on, or STR_NONE. */
size_t unzip_resume(str bytes, size_t from, size_t known, bool zip);

#endif
