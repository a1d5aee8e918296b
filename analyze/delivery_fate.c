/* "sent" that is none: transports, files and replies that mean thrown away or set aside. */
#include "delivery_impl.h"

/* Transports that exist to throw away, as operators name them. */
static const char *const sinks[] = {
    "devnull",   "dev-null",    "null",      "discard", "*discard*",
    "blackhole", ":blackhole:", "bitbucket", "trash",   "sink",
};

/* What a host says that takes a message and does not deliver it.  "discarded, id=" of amavis is known when read. */
static const struct {
    const char *words;
    enum fate fate;
} said[] = {
    { "message discarded", FATE_THROWN },
    { "mail discarded", FATE_THROWN },
    { "ok, discarded", FATE_THROWN },
    { "ok: discarded", FATE_THROWN },
    { "ok discarded", FATE_THROWN },
    { "accepted and discarded", FATE_THROWN },
    { "accepted but discarded", FATE_THROWN },
    { "silently discarded", FATE_THROWN },
    { "silently dropped", FATE_THROWN },
    { "message dropped", FATE_THROWN },
    { "mail dropped", FATE_THROWN },
    { "blackholed", FATE_THROWN },
    { "(discarded)", FATE_THROWN },
    { ", bounce", FATE_RETURNED }, /* amavis: "250 2.5.0 Ok, id=00288-03-11, BOUNCE" */
    { "message quarantined", FATE_QUARANTINED },
    { "mail quarantined", FATE_QUARANTINED },
    { "ok, quarantine", FATE_QUARANTINED },
    { "ok: quarantine", FATE_QUARANTINED },
    { "ok quarantine", FATE_QUARANTINED },
    { "quarantined as", FATE_QUARANTINED },
    { "accepted for quarantine", FATE_QUARANTINED },
};

static bool
is_sink(str name)
{
    for (size_t i = 0; i < sizeof sinks / sizeof *sinks; i++)
        if (str_ieq(name, str_from(sinks[i])))
            return true;
    return false;
}

/* "/dev/null", "|/bin/cat >/dev/null", also in quotes. */
static bool
names_null(str s)
{
    return s.n >= 9 && str_has(s, S("/dev/null"));
}

/* Nearly no reply has any of these. */
static bool
is_suspect(str reply)
{
    return str_has(reply, S("iscard")) || str_has(reply, S("uarantin")) || str_has(reply, S("ropped")) ||
           str_has(reply, S("lackhole")) || str_has(reply, S("BOUNCE"));
}

enum fate
fate_of(const struct attempt *t)
{
    if (t->result == RESULT_DISCARDED)
        return FATE_THROWN;
    if (t->local || t->code == 0) {
        if (names_null(t->recipient) || names_null(t->reply) || is_sink(t->relay_host) ||
            str_istarts(t->reply, S("discarded")))
            return FATE_THROWN;
        str service = str_starts(t->reply, S("delivered via ")) ? str_cut(str_skip(t->reply, 14), ' ').head
                                                                : (str){ 0 };
        if (is_sink(service))
            return FATE_THROWN;
    }
    for (size_t i = 0; is_suspect(t->reply) && i < sizeof said / sizeof *said; i++)
        if (str_ifind(t->reply, str_from(said[i].words)) != STR_NONE)
            return said[i].fate;
    return FATE_KEPT;
}
