/* Reads DMARC records; what is wrong in one tag leaves the others alone (RFC 9989 section 4.7). */
#include "dmarc_record.h"

#include "taglist.h"

static const struct {
    const char *word;
    enum dmarc_ask ask;
} asks[] = {
    { "none", DMARC_ASK_NONE },
    { "quarantine", DMARC_ASK_QUARANTINE },
    { "reject", DMARC_ASK_REJECT },
};

str
dmarc_ask_word(enum dmarc_ask ask)
{
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++)
        if (asks[i].ask == ask)
            return str_from(asks[i].word);
    return S("");
}

/* A policy; *bad is set where the tag is there with another value. */
static enum dmarc_ask
read_ask(const struct taglist *t, const char *tag, bool *bad)
{
    bool there;
    str v = taglist_get(t, tag, &there);
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++)
        if (there && str_ieq(v, str_from(asks[i].word)))
            return asks[i].ask;
    *bad |= there;
    return DMARC_ASK_ABSENT;
}

/* Some address to report to: what makes a record without a valid policy count as p=none. */
static bool
has_report_address(str rua)
{
    str uri;
    while (taglist_item(&rua, ',', &uri)) {
        struct str_cut scheme = str_cut(uri, ':');
        if (scheme.found && scheme.head.n && scheme.tail.n)
            return true;
    }
    return false;
}

struct dmarc_published
dmarc_record_parse(str text)
{
    struct dmarc_published d = { .psd = 'u', .pct = 100 };
    struct taglist t;
    taglist_parse(&t, text);
    /* version first; of its two sides only the value is case-sensitive (section 4.8) */
    struct str_cut first = str_cut(text, ';'), version = str_cut(first.head, '=');
    if (!version.found || !str_ieq(str_trim(version.head), S("v")) ||
        !str_eq(str_trim(version.tail), S("DMARC1")))
        return d;
    bool bad = false;
    d.is_dmarc = true;
    d.p = read_ask(&t, "p", &bad);
    d.sp = read_ask(&t, "sp", &bad);
    d.np = read_ask(&t, "np", &bad);
    if (bad || d.p == DMARC_ASK_ABSENT) {
        d.usable = has_report_address(taglist_get(&t, "rua", NULL));
        d.p = DMARC_ASK_NONE;
        d.sp = d.np = DMARC_ASK_ABSENT;
    } else {
        d.usable = true;
    }
    d.strict_dkim = str_ieq(taglist_get(&t, "adkim", NULL), S("s"));
    d.strict_spf = str_ieq(taglist_get(&t, "aspf", NULL), S("s"));
    d.testing = str_ieq(taglist_get(&t, "t", NULL), S("y"));
    str psd = taglist_get(&t, "psd", NULL);
    d.psd = str_ieq(psd, S("y")) ? 'y' : str_ieq(psd, S("n")) ? 'n' : 'u';
    uint64_t pct;
    if (str_to_u64(taglist_get(&t, "pct", NULL), &pct) && pct <= 100)
        d.pct = (int)pct;
    return d;
}
