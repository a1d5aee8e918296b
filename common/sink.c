/* Where ingest puts what it read. */
#include "sink.h"

#include <stdarg.h>
#include <stdio.h>

bool
sink_reject(struct sink *sink, uint64_t line, struct origin origin, str bytes, const char *format, ...)
{
    char reason[256];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    account_reject(sink->account, origin.length);
    struct reject r = {
        .line = line, .origin = origin, .reason = str_from(reason), .excerpt = str_head(bytes, REJECT_EXCERPT)
    };
    return sink->ops->reject == NULL || sink->ops->reject(sink, &r);
}
