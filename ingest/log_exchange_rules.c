/* Message tracking events as a table: what each means and which side of the connection wrote it.
 *
 * Which that is, Exchange's own code says: what sends, defers and fails names itself
 * as the client, what receives and routes as the server. */
#include "log_exchange_rules.h"

static const struct exchange_rule rules[] = {
    { "RECEIVE", ACT_RECEIVE, SERVER, NULL },
    { "SEND", ACT_SENT, CLIENT, NULL },
    { "SENDEXTERNAL", ACT_SENT, CLIENT, NULL },
    { "DELIVER", ACT_STORED, CLIENT, NULL },
    { "AGENTINFO", ACT_AGENTS, CLIENT, NULL },
    { "SUBMIT", ACT_SUBMIT, CLIENT, NULL },
    { "FAIL", ACT_FAILED, CLIENT, NULL },
    { "DEFER", ACT_DEFERRED, CLIENT, NULL },
    { "DSN", ACT_DSN, SERVER, NULL },
    { "EXPAND", ACT_NAMES, SERVER, "expand" },
    { "RESOLVE", ACT_NAMES, SERVER, "resolve" },
    { "REDIRECT", ACT_REDIRECT, SERVER, "redirect" },
    { "TRANSFER", ACT_ADDED, SERVER, NULL },
    { "RESUBMIT", ACT_ADDED, SERVER, NULL },
    { "LOAD", ACT_ADDED, SERVER, NULL },
    { "PROCESS", ACT_STORED, CLIENT, NULL },
    { "DUPLICATEDELIVER", ACT_NAMES, CLIENT, "duplicate" },
    { "DELIVERFAIL", ACT_FAILED, CLIENT, NULL },
    { "DROP", ACT_DROPPED, CLIENT, NULL },
    { "BADMAIL", ACT_REFUSED, SERVER, NULL },
    { "SUBMITFAIL", ACT_REFUSED, CLIENT, NULL },
    { "RESUBMITFAIL", ACT_REFUSED, CLIENT, NULL },
    { "SUBMITDEFER", ACT_NOTE, CLIENT, "submit-deferred" },
    { "RESUBMITDEFER", ACT_NOTE, CLIENT, "submit-deferred" },
    { "THROTTLE", ACT_DEFERRED, CLIENT, "throttled" },
    { "POISONMESSAGE", ACT_HELD, SERVER, "poison" },
    { "INITMESSAGECREATED", ACT_DEFERRED, SERVER, "held until a moderator approves it" },
    { "MODERATORREJECT", ACT_FAILED, SERVER, "a moderator rejected it" },
    { "MODERATIONEXPIRE", ACT_EXPIRED, SERVER, "no moderator decided in time" },
    { "MODERATORSALLNDR", ACT_FAILED, SERVER, "no moderator could be reached" },
    { "MODERATORAPPROVE", ACT_NOTE, SERVER, "approve" },
    { "CLIENTSUBMISSION", ACT_NOTE, CLIENT, "submit" },
    { "HARECEIVE", ACT_IGNORE, SERVER, "a shadow copy for redundancy" },
    { "HAREDIRECT", ACT_IGNORE, SERVER, "a shadow copy for redundancy" },
    { "HAREDIRECTFAIL", ACT_IGNORE, SERVER, "a shadow copy for redundancy" },
    { "HADISCARD", ACT_IGNORE, SERVER, "a shadow copy for redundancy" },
    { "NOTIFYMAPI", ACT_IGNORE, CLIENT, "a mailbox has something to submit" },
    { "NOTIFYSHADOW", ACT_IGNORE, CLIENT, "a shadow copy for redundancy" },
    { "SUPPRESSED", ACT_IGNORE, CLIENT, "a resubmission that was not needed" },
    { "DUPLICATEEXPAND", ACT_IGNORE, SERVER, "a group that was expanded already" },
    { "DUPLICATEREDIRECT", ACT_IGNORE, SERVER, "an address that was redirected already" },
    { "PROCESSMEETINGMESSAGE", ACT_IGNORE, SERVER, "a calendar entry was made of a delivered message" },
};
enum { NRULES = sizeof rules / sizeof *rules };

const char *
exchange_event_name(size_t i)
{
    return i < NRULES ? rules[i].event : NULL;
}

const struct exchange_rule *
exchange_rule_of(str event)
{
    char first = event.n ? (char)(event.p[0] & ~0x20) : 0; /* in capitals, if it is a letter */
    for (size_t i = 0; i < NRULES; i++)
        if (rules[i].event[0] == first && str_ieq(event, str_from(rules[i].event)))
            return &rules[i];
    return NULL;
}

str
exchange_writer(const struct exchange_row *r)
{
    const struct exchange_rule *rule = exchange_rule_of(r->f[COLUMN_EVENT]);
    bool by_client = rule && rule->writer == CLIENT;
    if (str_ieq(r->f[COLUMN_SOURCE], S("STOREDRIVER")) && str_ieq(r->f[COLUMN_EVENT], S("RESUBMIT")))
        by_client = true;
    str first = r->f[by_client ? COLUMN_CLIENT_HOST : COLUMN_SERVER_HOST];
    return first.n ? first : r->f[by_client ? COLUMN_SERVER_HOST : COLUMN_CLIENT_HOST];
}

/* Texts -------------------------------------------------------------------------------------------- */

str
exchange_angle(str s)
{
    return s.n >= 2 && s.p[0] == '<' && s.p[s.n - 1] == '>' ? str_of(s.p + 1, s.n - 2) : s;
}

/* "EX01" and "ex01.example.com" are one server. */
bool
exchange_same_server(str x, str y)
{
    return str_ieq(str_cut(x, '.').head, str_cut(y, '.').head);
}

str
exchange_queue_id(const struct exchange_row *r)
{
    str id = r->f[COLUMN_NETWORK_ID];
    if (id.n && !str_starts(id, S("00000000-0000-0000")))
        return id;
    id = r->f[COLUMN_INTERNAL_ID];
    return str_digits(id) && !str_eq(id, S("0")) ? id : (str){ 0 };
}

bool
exchange_is_reply(str s)
{
    return s.n >= 3 && s.p[0] >= '2' && s.p[0] <= '5' && str_digits(str_head(s, 3)) &&
           (s.n == 3 || s.p[3] == ' ' || s.p[3] == '-');
}

/* "SESSION;250 2.0.0 OK;ClientSubmitTime:..." -> the reply. */
str
exchange_context_reply(str context)
{
    for (str rest = context; rest.n;) {
        struct str_cut c = str_cut(rest, ';');
        if (exchange_is_reply(str_trim(c.head)))
            return str_trim(c.head);
        rest = c.tail;
    }
    return (str){ 0 };
}

/* Seconds since it came into the organization. */
str
exchange_delay(const struct exchange_row *r, struct arena *a)
{
    str said = exchange_custom(r->f[COLUMN_CUSTOM], S("E2ELatency"));
    double seconds;
    if (said.n && str_to_double(said, &seconds))
        return said;
    struct when_result arrived = when_rfc3339(r->f[COLUMN_INFO]);
    if (!arrived.ok || (arrived.rest.n && arrived.rest.p[0] != ';') || arrived.at > r->at)
        return (str){ 0 };
    return arena_printf(a, "%.3f", (double)(r->at - arrived.at) / (double)WHEN_SECOND);
}

enum attempt_result
exchange_failed_how(str reply)
{
    static const struct {
        const char *mark;
        enum attempt_result result;
    } marks[] = {
        { "QUEUE.Expired", RESULT_EXPIRED },       { " 4.4.7 ", RESULT_EXPIRED },
        { "QUEUE.Admin", RESULT_DISCARDED },       { "QUEUE.DDAdmin", RESULT_DISCARDED },
        { "QUEUE.PoisonAdmin", RESULT_DISCARDED }, { "QUEUE.TransportAgent", RESULT_DISCARDED },
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (str_has(reply, str_from(marks[i].mark)))
            return marks[i].result;
    return exchange_is_reply(reply) && reply.p[0] == '2' ? RESULT_DISCARDED : RESULT_BOUNCED;
}
