/* Verdicts as JSON: the objects of check --json and spf --json (waybill(1)). */
#ifndef AUTH_JSON_H
#define AUTH_JSON_H

#include "auth.h"
#include "json.h"

void spf_json(struct json *, const struct spf_result *);
void dkim_json(struct json *, const struct dkim_result *, size_t n);
void arc_json(struct json *, const struct arc_result *);
void dmarc_json(struct json *, const struct dmarc_result *);
void findings_json(struct json *, const struct auth_finding *, size_t n);

/* The fields "spf", "helo", "dkim", "dmarc" of an object that is open. */
void auth_json(struct json *, const struct auth_verdict *);

#endif
