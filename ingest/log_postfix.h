/* Postfix logs: the table of lines, shared between the format and its self-proof. */
#ifndef LOG_POSTFIX_H
#define LOG_POSTFIX_H

#include "logrow.h"

const struct log_row *postfix_rows(size_t *n);

#endif
