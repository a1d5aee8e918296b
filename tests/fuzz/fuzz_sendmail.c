/* Sendmail: any text as lines of its daemon. */
#define LOG_REMEMBERS true /* pieces of a text, and of lists */
#include "log_lines.h"

extern const struct format format_sendmail;

static const char *const programs[] = { "sm-mta" };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_lines(&format_sendmail, programs, sizeof programs / sizeof *programs,
                str_of((const char *)data, size));
    return 0;
}
