/* Haraka: any text as lines of its own files and of syslog. */
#include "log_lines.h"

extern const struct format format_haraka;

static const char *const programs[] = { "haraka" };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_lines(&format_haraka, programs, sizeof programs / sizeof *programs,
                str_of((const char *)data, size));
    return 0;
}
