/* TLS reports, feedback reports and notifications as JSON objects, each left open for its end. */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "dsn.h"
#include "feedback.h"
#include "json.h"
#include "tlsrpt.h"

void tls_report_json(struct json *, str source, const struct tls_report *);
void feedback_json(struct json *, str source, const struct feedback *); /* dmarc_failure or complaint */
void dsn_json(struct json *, str source, const struct dsn *);

#endif
