/* Greylisters and policy servers: the table, for the self-proof. */
#ifndef LOG_POSTGREY_H
#define LOG_POSTGREY_H

#include "logrow.h"

const struct log_row *postgrey_rows(size_t *n);

/* What rows call a tag: the name of the server, empty if it is none of them. */
str postgrey_program(str tag);

#endif
