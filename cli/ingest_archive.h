/* Archives of files (logs, Maildirs, mailboxes, reports): read as the directories that they were made of.
 *
 * Each member is a source of its own, named by the archive's path and its own
 * ("logs.tar.gz/var/log/mail.log"), so that what is read again, from the archive
 * or as a file, counts once. */
#ifndef INGEST_ARCHIVE_H
#define INGEST_ARCHIVE_H

#include "ingest_run.h"

enum {
    ARCHIVE_MAX_DEPTH = 3,        /* archives in archives */
    ARCHIVE_IN_MEMORY = 32 << 20, /* members up to this size are read at once */
    ARCHIVE_MAX_INNER = 64 << 20, /* of an archive in an archive */
};

/* Whether a source is an archive that is to be read so; those of reports alone are reports (report.h).  What was
 * looked at stays in the window. */
bool ingest_is_archive(const struct ingest *, struct source *);

/* Reads all of it; false: stop (in->failed, or interrupted). */
bool ingest_archive(struct ingest *, struct source *, int depth);

#endif
