/* Files carried in the program: SQL ("queries/x.sql", "migrations/0001_x.sql", "views/x.sql") and the
 * assets of reports ("report/assets/x").  Made from the tree at build time, sorted by path. */
#ifndef EMBEDDED_H
#define EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *path;  /* NULL ends the table */
    const char *bytes; /* NUL behind them */
    size_t length;
};
extern const struct embedded embedded_files[];

/* The file of that path, or NULL. */
const struct embedded *embedded_find(const char *path);

#endif
