/* OpenSMTPD: any text as lines of smtpd. */
#include "log_lines.h"

extern const struct format format_opensmtpd;

static const char *const programs[] = { "smtpd" };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_lines(&format_opensmtpd, programs, sizeof programs / sizeof *programs,
                str_of((const char *)data, size));
    return 0;
}
