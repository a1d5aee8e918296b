/* Reads what engines do with a message out of their own words.
 *
 * Formats keep the words; here a table of them tells what they come to.  Which verdict decides a delivery is
 * judged.c's business. */
#include "verdict.h"

#include <math.h>

/* Near is from this part of the threshold on. */
static const double NEAR = 0.8;

/* Looked for in this order, in any case: amavis says "Blocked SPAM {RejectedInbound,Quarantined}", where the
 * copy in quarantine does not undo that the sender was told. */
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
    { "mta-blocked", DISPOSAL_PASSED }, /* the MTA's refusal, not the filter's */
    { "quarantine", DISPOSAL_QUARANTINED },
    { "discard", DISPOSAL_DISCARDED },
    { "drop", DISPOSAL_DISCARDED },
    { "blackhole", DISPOSAL_DISCARDED },
    { "blocked", DISPOSAL_DISCARDED },
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

static struct meaning
filter_meaning(const struct verdict *v)
{
    struct meaning m = { DISPOSAL_NONE };
    for (size_t i = 0; i < sizeof filters / sizeof *filters && m.disposal == DISPOSAL_NONE; i++)
        if (str_ifind(v->action, str_from(filters[i].word)) != STR_NONE)
            m.disposal = filters[i].disposal;
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
        m.reason = REASON_GREYLISTED;
    else if (m.disposal >= DISPOSAL_TAGGED)
        m.reason = virus                                           ? REASON_VIRUS
                   : spam || over || m.disposal == DISPOSAL_TAGGED ? REASON_SPAM
                                                                   : REASON_CONTENT_REFUSED;
    return m;
}

struct meaning
verdict_meaning(const struct verdict *v)
{
    struct meaning m = { DISPOSAL_NONE };
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
    s = add(a, s, str_head(v->tests, TESTS));
    return arena_printf(a, "%.*s at %.*s: %.*s", PRSTR(v->engine), PRSTR(v->host), PRSTR(s));
}
