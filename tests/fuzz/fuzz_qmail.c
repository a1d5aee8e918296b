/* qmail and what stands before it: any text as lines of multilog and of syslog. */
#include "log_lines.h"

extern const struct format format_qmail;

static const char *const programs[] = { "qmail", "spamdyke" };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_lines(&format_qmail, programs, sizeof programs / sizeof *programs,
                str_of((const char *)data, size));
    return 0;
}
