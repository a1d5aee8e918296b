/* Sendmail: what rulesets, filters and the daemon refuse, and at which stage. */
#include "log_sendmail_impl.h"

static const struct {
    str phase;
    enum stage stage;
    bool whole; /* the message is gone with it */
} phases[] = {
    { S("check_relay"), STAGE_ENVELOPE, false },
    { S("connect"), STAGE_CONNECT, false },
    { S("helo"), STAGE_HELO, false },
    { S("check_etrn"), STAGE_ENVELOPE, false },
    { S("check_helo"), STAGE_HELO, false },
    { S("check_mail"), STAGE_ENVELOPE, false },
    { S("from"), STAGE_ENVELOPE, false },
    { S("mail"), STAGE_ENVELOPE, false },
    { S("check_rcpt"), STAGE_ENVELOPE, false },
    { S("to"), STAGE_ENVELOPE, false },
    { S("rcpt"), STAGE_ENVELOPE, false },
    { S("check_compat"), STAGE_ENVELOPE, false },
    { S("check_vrfy"), STAGE_ENVELOPE, false },
    { S("check_expn"), STAGE_ENVELOPE, false },
    { S("check_eom"), STAGE_DATA, true },
    { S("trust_auth"), STAGE_SUBMISSION, false },
    { S("authinfo"), STAGE_SUBMISSION, false },
    { S("tls_client"), STAGE_TLS, false },
    { S("check_data"), STAGE_DATA, true },
    { S("cmd=data"), STAGE_DATA, true },
    { S("data"), STAGE_DATA, true },
    { S("eom"), STAGE_DATA, true },
    { S("check_eoh"), STAGE_CONTENT, true },
    { S("header"), STAGE_CONTENT, true },
    { S("eoh"), STAGE_CONTENT, true },
    { S("body"), STAGE_CONTENT, true },
};

/* check_relay looks at the client before it speaks, and its answer is given to MAIL; only a 421 ends it at once.
 * A ruleset of the administrator's own can only hang on a header. */
static bool
phase_of(str phase, struct event *e)
{
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++)
        if (str_ieq(phase, phases[i].phase)) {
            e->stage = phases[i].stage;
            if (str_eq(phase, S("check_relay")) && str_starts(EV(e, REPLY), S("421")))
                e->stage = STAGE_CONNECT;
            return phases[i].whole;
        }
    e->stage = STAGE_CONTENT;
    return true;
}

/* Rulesets about a server we connect to: the try they end has a line of its own. */
static bool
is_outgoing(str ruleset)
{
    return str_eq(ruleset, S("tls_server")) || str_eq(ruleset, S("tls_rcpt")) ||
           str_eq(ruleset, S("try_tls")) || str_eq(ruleset, S("srv_features")) ||
           str_eq(ruleset, S("clt_features")) || str_eq(ruleset, S("tls_clt_features"));
}

static void
take_argument(str ruleset, str argument, struct event *e)
{
    if (str_eq(ruleset, S("check_rcpt")) || str_eq(ruleset, S("to")) || str_eq(ruleset, S("rcpt"))) {
        EV(e, RECIPIENT) = sendmail_unwrap(argument);
    } else if (str_eq(ruleset, S("check_compat"))) { /* sender $| recipient */
        size_t bar = str_find(argument, S("$|"));
        EV(e, RECIPIENT) = sendmail_unwrap(bar == STR_NONE ? EV(e, DOMAIN) : str_skip(argument, bar + 2));
    } else if (str_eq(ruleset, S("check_mail")) || str_eq(ruleset, S("from")) || str_eq(ruleset, S("mail"))) {
        EV(e, MAIL_FROM) = sendmail_unwrap(argument);
        e->flags |= EVENT_HAS_MAIL_FROM;
    } else if (str_eq(ruleset, S("helo"))) {
        EV(e, HELO) = argument;
    } else if (str_eq(ruleset, S("connect"))) { /* "host=name, addr=ip" */
        size_t addr = str_find(argument, S(", addr="));
        if (addr != STR_NONE && str_starts(argument, S("host="))) {
            EV(e, CLIENT_NAME) = str_of(argument.p + 5, addr - 5);
            EV(e, CLIENT_IP) = sendmail_bare_ip(str_skip(argument, addr + 7));
        }
    }
    EV(e, DETAIL) = EV(e, DOMAIN) = (str){ 0 };
}

void
sendmail_refusal(str rest, struct event *e)
{
    str phase = EV(e, PHASE);
    if (is_outgoing(phase)) {
        e->kind = EVENT_SESSION;
        e->flags |= EVENT_TRIED | EVENT_TO_REMOTE;
        struct sendmail_peer peer = sendmail_peer(EV(e, CLIENT_NAME));
        EV(e, RELAY_NAME) = peer.name;
        EV(e, RELAY_IP) = peer.ip;
        EV(e, CLIENT_NAME) = (str){ 0 };
        event_parse_reply(e);
        return;
    }
    bool whole = (e->flags & EVENT_MESSAGE_REFUSED) != 0;
    if (EV(e, CLIENT_NAME).n && EV(e, CLIENT_IP).n == 0)
        sendmail_set_client(e, sendmail_peer(EV(e, CLIENT_NAME)));
    if (str_starts(EV(e, CLIENT_NAME), S("[")))
        EV(e, CLIENT_NAME) = (str){ 0 };
    if (phase.n && e->stage == STAGE_UNKNOWN) {
        whole = phase_of(phase, e);
        take_argument(phase, EV(e, DETAIL), e);
    }
    str action = EV(e, ACTION);
    if (action.n == 0)
        EV(e, ACTION) = action = S("reject");
    if (EV(e, REPLY).n == 0)
        EV(e, REPLY) = rest;
    bool in_queue = EV(e, QUEUE_ID).n > 0;
    if (in_queue && str_eq(action, S("discard")))
        e->flags |= EVENT_DISCARDED;
    else if (in_queue && str_eq(action, S("quarantine")))
        e->flags |= EVENT_HELD;
    else if (in_queue && whole)
        e->flags |= EVENT_MESSAGE_REFUSED;
    if (in_queue)
        e->flags |= EVENT_AWAITS;
    event_parse_reply(e);
}
