/* Postfix: any text as lines of each program. */
#include "log_lines.h"

extern const struct format format_postfix;

static const char *const programs[] = {
    "postfix/smtpd",   "postfix/submission/smtpd", "postfix/smtp",      "postfix/lmtp",
    "postfix/qmgr",    "postfix/cleanup",          "postfix/pickup",    "postfix/bounce",
    "postfix/local",   "postfix/virtual",          "postfix/pipe",      "postfix/postscreen",
    "postfix/dnsblog", "postfix/tlsproxy",         "postfix/error",     "postfix/discard",
    "postfix/anvil",   "postfix/verify",           "postfix/postsuper", "postfix/sendmail",
    "postfix/master",  "postfix/trivial-rewrite",  "postfix/postdrop",  "postfix/scache",
    "postfix/tlsmgr",  "postfix/postfix-script",   "postfix/postlogd",  "postfix/qmqpd",
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_lines(&format_postfix, programs, sizeof programs / sizeof *programs,
                str_of((const char *)data, size));
    return 0;
}
