/* Message tracking logs of any bytes: records, header lines, rows, all events of each. */
#include "log_lines.h"

extern const struct format format_exchange;

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str rest = str_of((const char *)data, size);
    format_exchange.recognise(rest, true);
    format_exchange.begin();
    while (rest.n) {
        size_t n = format_exchange.record(rest, true);
        if (n != STR_NONE && (n >= rest.n || rest.p[n] != '\n'))
            abort();
        check_own(&format_exchange, str_head(rest, n));
        rest = n == STR_NONE ? (str){ 0 } : str_skip(rest, n + 1);
    }
    return 0;
}
