/* The registry of formats. */
#include "format.h"

#include "syslog.h"
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

void
format_drop_added(void)
{
    nadded = 0;
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
    syslog_share_head(head, eof);
    for (size_t i = 0; (f = format_at(i)) != NULL; i++) {
        int sure = f->recognise(head, eof);
        if (sure > most) {
            most = sure;
            best = f;
        }
    }
    syslog_share_head((str){ 0 }, false);
    return best;
}

str
format_head(struct source *s, size_t n)
{
    struct diag ignored = { 0 }; /* told when it is read */
    size_t nuls = 0;
    for (;;) {
        while (nuls < s->window.n && s->window.p[nuls] == '\0')
            nuls++;
        if (nuls < s->window.n || nuls >= FORMAT_MOST_NULS || s->eof || !source_more(s, &ignored))
            break;
    }
    if (nuls < FORMAT_LEAST_NULS || nuls == s->window.n)
        return s->window;
    source_want(s, nuls + n, &ignored);
    return str_skip(s->window, nuls);
}
