/* Message tracking events as a table: what each means and which side of the connection wrote it.
 *
 * Which that is, Exchange's own code says: what sends, defers and fails names itself
 * as the client, what receives and routes as the server. */
#include "log_exchange_rules.h"

static const struct exchange_rule rules[] = {
    { S("RECEIVE"), ACT_RECEIVE, SERVER, NULL },
    { S("SEND"), ACT_SENT, CLIENT, NULL },
    { S("SENDEXTERNAL"), ACT_SENT, CLIENT, NULL },
    { S("DELIVER"), ACT_STORED, CLIENT, NULL },
    { S("AGENTINFO"), ACT_AGENTS, CLIENT, NULL },
    { S("SUBMIT"), ACT_SUBMIT, CLIENT, NULL },
    { S("FAIL"), ACT_FAILED, CLIENT, NULL },
    { S("DEFER"), ACT_DEFERRED, CLIENT, NULL },
    { S("DSN"), ACT_DSN, SERVER, NULL },
    { S("EXPAND"), ACT_NAMES, SERVER, "expand" },
    { S("RESOLVE"), ACT_NAMES, SERVER, "resolve" },
    { S("REDIRECT"), ACT_REDIRECT, SERVER, "redirect" },
    { S("TRANSFER"), ACT_ADDED, SERVER, NULL },
    { S("RESUBMIT"), ACT_ADDED, SERVER, NULL },
    { S("LOAD"), ACT_ADDED, SERVER, NULL },
    { S("PROCESS"), ACT_STORED, CLIENT, NULL },
    { S("DUPLICATEDELIVER"), ACT_NAMES, CLIENT, "duplicate" },
    { S("DELIVERFAIL"), ACT_FAILED, CLIENT, NULL },
    { S("DROP"), ACT_DROPPED, CLIENT, NULL },
    { S("BADMAIL"), ACT_REFUSED, SERVER, NULL },
    { S("SUBMITFAIL"), ACT_REFUSED, CLIENT, NULL },
    { S("RESUBMITFAIL"), ACT_REFUSED, CLIENT, NULL },
    { S("SUBMITDEFER"), ACT_NOTE, CLIENT, "submit-deferred" },
    { S("RESUBMITDEFER"), ACT_NOTE, CLIENT, "submit-deferred" },
    { S("THROTTLE"), ACT_DEFERRED, CLIENT, "throttled" },
    { S("POISONMESSAGE"), ACT_HELD, SERVER, "poison" },
    { S("INITMESSAGECREATED"), ACT_DEFERRED, SERVER, "held until a moderator approves it" },
    { S("MODERATORREJECT"), ACT_FAILED, SERVER, "a moderator rejected it" },
    { S("MODERATIONEXPIRE"), ACT_EXPIRED, SERVER, "no moderator decided in time" },
    { S("MODERATORSALLNDR"), ACT_FAILED, SERVER, "no moderator could be reached" },
    { S("MODERATORAPPROVE"), ACT_NOTE, SERVER, "approve" },
    { S("CLIENTSUBMISSION"), ACT_NOTE, CLIENT, "submit" },
    { S("HARECEIVE"), ACT_IGNORE, SERVER, "a shadow copy for redundancy" },
    { S("HAREDIRECT"), ACT_IGNORE, SERVER, "a shadow copy for redundancy" },
    { S("HAREDIRECTFAIL"), ACT_IGNORE, SERVER, "a shadow copy for redundancy" },
    { S("HADISCARD"), ACT_IGNORE, SERVER, "a shadow copy for redundancy" },
    { S("NOTIFYMAPI"), ACT_IGNORE, CLIENT, "a mailbox has something to submit" },
    { S("NOTIFYSHADOW"), ACT_IGNORE, CLIENT, "a shadow copy for redundancy" },
    { S("SUPPRESSED"), ACT_IGNORE, CLIENT, "a resubmission that was not needed" },
    { S("DUPLICATEEXPAND"), ACT_IGNORE, SERVER, "a group that was expanded already" },
    { S("DUPLICATEREDIRECT"), ACT_IGNORE, SERVER, "an address that was redirected already" },
    { S("PROCESSMEETINGMESSAGE"), ACT_IGNORE, SERVER, "a calendar entry was made of a delivered message" },
};
enum { NRULES = sizeof rules / sizeof *rules };

const char *
exchange_event_name(size_t i)
{
    return i < NRULES ? rules[i].event.p : NULL;
}

const struct exchange_rule *
exchange_rule_of(str event)
{
    for (size_t i = 0; i < NRULES; i++)
        if (rules[i].event.n == event.n && str_ieq(event, rules[i].event))
            return &rules[i];
    return NULL;
}

str
exchange_writer(const struct exchange_row *r)
{
    bool by_client = r->rule && r->rule->writer == CLIENT;
    if (str_ieq(r->f[COLUMN_EVENT], S("RESUBMIT")) && str_ieq(r->f[COLUMN_SOURCE], S("STOREDRIVER")))
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

/* With three decimals; Exchange's clocks tell no more. */
static str
seconds_text(when span, struct arena *a)
{
    enum { DECIMALS = 3, ROOM = 24 };
    const when unit = WHEN_SECOND / 1000;
    if (span % unit || span >= 1000000000 * WHEN_SECOND)
        return arena_printf(a, "%.3f", (double)span / (double)WHEN_SECOND);
    char *text = arena_alloc(a, ROOM);
    size_t at = ROOM;
    when left = span / unit;
    for (int digits = 0; digits <= DECIMALS || left; digits++, left /= 10) {
        if (digits == DECIMALS)
            text[--at] = '.';
        text[--at] = (char)('0' + left % 10);
    }
    return str_of(text + at, ROOM - at);
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
    return seconds_text(r->at - arrived.at, a);
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
    bool marked = str_has(reply, S("QUEUE.")) ||
                  str_has(reply, S(" 4.4.7 ")); /* one of them is in every mark, mostly in no reply */
    for (size_t i = 0; marked && i < sizeof marks / sizeof *marks; i++)
        if (str_has(reply, str_from(marks[i].mark)))
            return marks[i].result;
    return exchange_is_reply(reply) && reply.p[0] == '2' ? RESULT_DISCARDED : RESULT_BOUNCED;
}
