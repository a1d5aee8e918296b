/* The registry of formats. */
#include "format.h"

#include "user_format.h"

#define X(symbol) extern const struct format symbol;
#include "formats.def"
#undef X

const struct format *const formats[] = {
#define X(symbol) &symbol,
#include "formats.def"
#undef X
    NULL,
};

static const struct format *added[USER_FORMATS_MAX];
static size_t nadded;

void
format_add(const struct format *f)
{
    if (nadded == USER_FORMATS_MAX)
        BUG("more than %d formats added", USER_FORMATS_MAX);
    added[nadded++] = f;
}

const struct format *
format_at(size_t i)
{
    return i < nadded ? added[i] : formats[i - nadded];
}

const struct format *
format_find(str name)
{
    const struct format *f;
    for (size_t i = 0; (f = format_at(i)) != NULL; i++)
        if (str_eq(str_from(f->name), name))
            return f;
    return NULL;
}

const struct format *
format_recognise(str head, bool eof)
{
    const struct format *best = NULL;
    int most = 0;
    const struct format *f;
    for (size_t i = 0; (f = format_at(i)) != NULL; i++) {
        int sure = f->recognise(head, eof);
        if (sure > most) {
            most = sure;
            best = f;
        }
    }
    return best;
}
