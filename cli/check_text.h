/* One checked message as text for people. */
#ifndef CHECK_TEXT_H
#define CHECK_TEXT_H

#include "auth.h"
#include "buf.h"

void check_text(struct buf *, const char *path, const struct message *, const struct auth_context *,
                const struct auth_verdict *, const struct auth_finding *, size_t nfindings);

#endif
