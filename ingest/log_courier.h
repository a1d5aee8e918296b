/* Courier: the table, for the self-proof. */
#ifndef LOG_COURIER_H
#define LOG_COURIER_H

#include "format.h"
#include "logrow.h"

const struct log_row *courier_rows(size_t *n);

/* What rows call a tag: "courierd", "module" (courieresmtp, courierlocal and their kin), "esmtpd" or "server". */
str courier_program(str tag);

#endif
