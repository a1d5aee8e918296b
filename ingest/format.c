/* The registry of formats. */
#include "format.h"

#define X(symbol) extern const struct format symbol;
#include "formats.def"
#undef X

const struct format *const formats[] = {
#define X(symbol) &symbol,
#include "formats.def"
#undef X
    NULL,
};

const struct format *
format_find(str name)
{
    for (size_t i = 0; formats[i]; i++)
        if (str_eq(str_from(formats[i]->name), name))
            return formats[i];
    return NULL;
}

const struct format *
format_recognise(str head, bool eof)
{
    const struct format *best = NULL;
    int most = 0;
    for (size_t i = 0; formats[i]; i++) {
        int sure = formats[i]->recognise(head, eof);
        if (sure > most) {
            most = sure;
            best = formats[i];
        }
    }
    return best;
}
