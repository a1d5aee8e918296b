/* Reads what engines do with a message out of their own words.
 *
 * Formats keep the words; here a table of them tells what they come to.  Which verdict decides a delivery is
 * judged.c's business. */
#include "verdict.h"

#include <math.h>

/* Near is from this part of the threshold on. */
static const double NEAR = 0.8;

/* Looked for in this order, in any case. */
static const struct {
    const char *word;
    enum disposal disposal;
} filters[] = {
    { "soft reject", DISPOSAL_DEFERRED },
    { "tempfail", DISPOSAL_DEFERRED },
    { "temp-fail", DISPOSAL_DEFERRED },
    { "temporary", DISPOSAL_DEFERRED },
    { "greylist", DISPOSAL_DEFERRED },
    { "graylist", DISPOSAL_DEFERRED },
    { "defer", DISPOSAL_DEFERRED },
    { "delay", DISPOSAL_DEFERRED },
    { "passed", DISPOSAL_PASSED },
    { "no action", DISPOSAL_PASSED },
    { "reject", DISPOSAL_REJECTED },
    { "bounced", DISPOSAL_REJECTED },
    { "quarantine", DISPOSAL_QUARANTINED },
    { "discard", DISPOSAL_DISCARDED },
    { "drop", DISPOSAL_DISCARDED },
    { "blackhole", DISPOSAL_DISCARDED },
    { "deleted", DISPOSAL_DISCARDED },
    { "add header", DISPOSAL_TAGGED },
    { "rewrite subject", DISPOSAL_TAGGED },
    { "tag", DISPOSAL_TAGGED },
    { "mark", DISPOSAL_TAGGED },
    { "identified spam", DISPOSAL_TAGGED },
    { "pass", DISPOSAL_PASSED },
    { "accept", DISPOSAL_PASSED },
    { "clean", DISPOSAL_PASSED },
    { "deliver", DISPOSAL_PASSED },
}, filings[] = {
    { "duplicate", DISPOSAL_DUPLICATE }, { "stored", DISPOSAL_STORED },     { "saved", DISPOSAL_STORED },
    { "discard", DISPOSAL_DISCARDED },   { "forward", DISPOSAL_FORWARDED }, { "redirect", DISPOSAL_FORWARDED },
    { "reject", DISPOSAL_REJECTED },     { "fail", DISPOSAL_FAILED },       { "quota", DISPOSAL_FAILED },
    { "vacation", DISPOSAL_ANSWERED },
};

/* In the engine's action or in what it says of the content. */
static bool
says(const struct verdict *v, const char *word)
{
    return str_ifind(v->action, str_from(word)) != STR_NONE ||
           str_ifind(v->result, str_from(word)) != STR_NONE;
}

/* Its copy in quarantine does not undo that the sender was told. */
static enum disposal
blocked_disposal(const struct verdict *v)
{
    const str said[] = { v->action, v->detail };
    enum disposal d = v->mailbox.n ? DISPOSAL_QUARANTINED : DISPOSAL_DISCARDED;
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        if (str_ifind(said[i], S("tempfail")) != STR_NONE)
            return DISPOSAL_DEFERRED;
        if (str_ifind(said[i], S("reject")) != STR_NONE || str_ifind(said[i], S("bounced")) != STR_NONE)
            return DISPOSAL_REJECTED;
        if (str_ifind(said[i], S("quarantined")) != STR_NONE)
            d = DISPOSAL_QUARANTINED;
    }
    return str_ifind(v->result, S("mta-blocked")) != STR_NONE ? DISPOSAL_PASSED : d;
}

static struct meaning
filter_meaning(const struct verdict *v)
{
    struct meaning m = { .disposal = DISPOSAL_NONE };
    const str said[] = { v->action, v->detail, v->result };
    for (size_t s = 0; s < sizeof said / sizeof *said && m.disposal == DISPOSAL_NONE; s++)
        for (size_t i = 0; i < sizeof filters / sizeof *filters && m.disposal == DISPOSAL_NONE; i++)
            if (str_ifind(said[s], str_from(filters[i].word)) != STR_NONE)
                m.disposal = filters[i].disposal;
    if (str_istarts(v->action, S("blocked"))) /* amavis: what that means is in its braces */
        m.disposal = blocked_disposal(v);
    if (str_ieq(v->action, S("tagged")) && str_ieq(v->result, S("ham")))
        m.disposal = DISPOSAL_PASSED;
    bool virus = says(v, "infected") || says(v, "virus") || says(v, "malware");
    bool spam = !virus && says(v, "spam") && str_ifind(v->result, S("not spam")) == STR_NONE;
    bool over = !isnan(v->score) && !isnan(v->required) && v->required > 0 && v->score >= v->required;
    m.near = over ||
             (!isnan(v->score) && !isnan(v->required) && v->required > 0 && v->score >= NEAR * v->required);
    if (m.disposal == DISPOSAL_NONE && virus)
        m.disposal = DISPOSAL_TAGGED; /* found, and what was done is somebody else's to tell */
    if (m.disposal <= DISPOSAL_PASSED && (spam || over))
        m.disposal = DISPOSAL_TAGGED;
    if (m.disposal == DISPOSAL_DEFERRED)
        m.reason =
            says(v, "grey") || says(v, "gray") || says(v, "soft") ? REASON_GREYLISTED : REASON_SYSTEM_ERROR;
    else if (m.disposal >= DISPOSAL_TAGGED)
        m.reason = virus                                           ? REASON_VIRUS
                   : spam || over || m.disposal == DISPOSAL_TAGGED ? REASON_SPAM
                                                                   : REASON_CONTENT_REFUSED;
    return m;
}

struct meaning
verdict_meaning(const struct verdict *v)
{
    struct meaning m = { .disposal = DISPOSAL_NONE };
    if (v->kind == EVENT_FILTER)
        return filter_meaning(v);
    if (v->kind != EVENT_FILING)
        return m;
    for (size_t i = 0; i < sizeof filings / sizeof *filings && m.disposal == DISPOSAL_NONE; i++)
        if (str_ifind(v->action, str_from(filings[i].word)) != STR_NONE)
            m.disposal = filings[i].disposal;
    return m;
}

str
verdict_by(struct arena *a, const struct verdict *v)
{
    return v->host.n && v->engine.n ? arena_join(a, v->host, S("/"), v->engine)
           : v->host.n              ? v->host
                                    : v->engine;
}

static str
add(struct arena *a, str s, str more)
{
    if (more.n == 0)
        return s;
    return s.n ? arena_join(a, s, S(", "), more) : more;
}

str
verdict_text(struct arena *a, const struct verdict *v)
{
    enum { TESTS = 300 };
    str s = add(a, v->action, v->mailbox);
    if (!str_ieq(v->result, v->action) && str_ifind(v->action, v->result) == STR_NONE)
        s = add(a, s, v->result);
    if (!isnan(v->score))
        s = add(a, s,
                isnan(v->required) ? arena_printf(a, "score %g", v->score)
                                   : arena_printf(a, "score %g of %g", v->score, v->required));
    s = add(a, s, str_head(v->reason, TESTS));
    s = add(a, s, str_head(v->detail, TESTS));
    s = add(a, s, str_head(v->tests, TESTS));
    return arena_printf(a, "%.*s at %.*s: %.*s", PRSTR(v->engine), PRSTR(v->host), PRSTR(s));
}
