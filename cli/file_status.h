/* What stands for the bytes of a file that nobody changed, so that a known one need not be opened: rsync and git do so. */
#ifndef FILE_STATUS_H
#define FILE_STATUS_H

#include <stdint.h>

/* A hash of this machine's name and the file's path, device, inode, size and times of modification and of change, in ns.
 * The last of these cannot be set back, and a file written to later has another.  0, which stands for nothing: no
 * regular file, or it changed less than FILE_STATUS_QUIET before now, so that another change might bear the same time. */
int64_t file_status(const char *path);

enum { FILE_STATUS_QUIET = 2 /* seconds; the coarsest times of file systems that count */ };

#endif
