/* Reasons of Exim's failures.
 *
 * Exim wraps the remote server's words in its own ("SMTP error from remote
 * mail server after end of data: ..."), and gives up in several wordings. */
#include "exim_reply.h"

#include "exim_items.h"

/* What Exim calls the point of the dialogue; the first that fits. */
static const struct {
    str said, phase;
    enum stage stage;
} phases[] = {
    { S("initial connection"), S("CONNECT"), STAGE_CONNECT },
    { S("EHLO"), S("EHLO"), STAGE_HELO },
    { S("HELO"), S("HELO"), STAGE_HELO },
    { S("LHLO"), S("LHLO"), STAGE_HELO },
    { S("STARTTLS"), S("STARTTLS"), STAGE_TLS },
    { S("AUTH"), S("AUTH"), STAGE_SUBMISSION },
    { S("MAIL FROM"), S("MAIL FROM"), STAGE_ENVELOPE },
    { S("RCPT TO"), S("RCPT TO"), STAGE_ENVELOPE },
    { S("MAIL"), S("MAIL FROM"), STAGE_ENVELOPE },
    { S("RCPT"), S("RCPT TO"), STAGE_ENVELOPE },
    { S("end of data"), S("end of DATA"), STAGE_DATA },
    { S("sending data block"), S("end of DATA"), STAGE_DATA },
    { S("data"), S("DATA"), STAGE_DATA },
    { S("DATA"), S("DATA"), STAGE_DATA },
    { S("BDAT"), S("BDAT"), STAGE_DATA },
};

static size_t
find_phase(str s)
{
    if (str_starts(s, S("pipelined ")))
        s = str_skip(s, 10);
    size_t i = 0;
    while (i < sizeof phases / sizeof *phases && !str_starts(s, phases[i].said))
        i++;
    return i;
}

enum stage
exim_phase_stage(str command)
{
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++)
        if (command.n >= 4 && str_istarts(command, phases[i].said))
            return phases[i].stage;
    return STAGE_UNKNOWN;
}

/* "host mx.example.com [192.0.2.1]: 450 ..." -> the relay, and what it said. */
static str
cut_host(str s, struct event *e)
{
    if (!str_starts(s, S("host ")))
        return s;
    struct exim_host h = exim_host(str_skip(s, 5));
    if (h.ip.n == 0 || !str_starts(h.rest, S(": ")))
        return s;
    if (EV(e, RELAY_IP).n == 0) {
        EV(e, RELAY_NAME) = h.name;
        EV(e, RELAY_IP) = h.ip;
        EV(e, RELAY_PORT) = h.port;
    }
    return str_skip(h.rest, 2);
}

static bool
is_reply(str s)
{
    return s.n >= 3 && str_digits(str_head(s, 3)) && (s.n == 3 || s.p[3] == ' ' || s.p[3] == '-');
}

void
exim_remote_reply(struct event *e)
{
    static const str marks[] = { S(" error from remote mail server after "),
                                 S("LMTP error after "),
                                 S(" timeout after "),
                                 S(" connection in response to "),
                                 S(" reply in response to "),
                                 S(" connection closed after ") };
    str reply = EV(e, REPLY);
    bool marked = str_has(reply, S(" after ")) || str_has(reply, S(" in response to "));
    for (size_t i = 0; marked && i < sizeof marks / sizeof *marks; i++) {
        size_t at = str_find(reply, marks[i]);
        if (at == STR_NONE)
            continue;
        str after = str_skip(reply, at + marks[i].n);
        size_t phase = find_phase(after);
        if (phase < sizeof phases / sizeof *phases)
            EV(e, PHASE) = phases[phase].phase;
        size_t colon = str_find(after, S(": "));
        if (colon == STR_NONE)
            return;
        str words = cut_host(str_skip(after, colon + 2), e);
        if (is_reply(words))
            EV(e, REPLY) = words;
        return;
    }
    EV(e, REPLY) = cut_host(reply, e);
}

void
exim_failure(struct event *e)
{
    static const str gave_up[] = { S("retry timeout exceeded"), S("failing for a long time"),
                                   S("message timed out"), S("in the queue too long") };
    str reply = EV(e, REPLY);
    size_t took = str_find(reply, S(" DT="));
    if (took != STR_NONE && str_find_char(str_skip(reply, took + 1), ' ') == STR_NONE) {
        str seconds = exim_seconds(str_skip(reply, took + 4));
        if (seconds.n) {
            EV(e, DELAY) = seconds;
            EV(e, REPLY) = reply = str_head(reply, took);
        }
    }
    e->result = RESULT_BOUNCED;
    for (size_t i = 0; i < sizeof gave_up / sizeof *gave_up; i++)
        if (str_has(reply, gave_up[i]))
            e->result = RESULT_EXPIRED;
    exim_remote_reply(e);
}

/* ": Connection refused", ": Connection timed out H=mx [ip] DT=2m: more", " H=mx [ip]: 451 ...". */
void
exim_deferral(struct event *e)
{
    str tail = EV(e, REPLY);
    str error = { 0 };
    int64_t number;
    e->result = RESULT_DEFERRED;
    if (str_starts(tail, S(": ")) && str_to_i64(EV(e, STATUS), &number) && number > 0) {
        static const str ends[] = { S(" H="), S(" DT="), S(": ") };
        error = str_skip(tail, 2);
        size_t end = error.n;
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
            size_t at = str_find(str_head(error, end), ends[i]);
            end = at == STR_NONE ? end : at;
        }
        bool more =
            str_starts(str_skip(error, end), S(": ")); /* of the same breath: "Permission denied: ..." */
        error = more ? error : str_head(error, end);
        tail = more ? (str){ 0 } : str_skip(tail, 2 + end);
    }
    tail = exim_items(tail, EXIM_DELIVERY, e);
    str said = str_starts(tail, S(": ")) ? str_skip(tail, 2) : tail;
    EV(e, REPLY) = said.n ? said : error;
    if (str_has(EV(e, REPLY), S("etry time not ")))
        EV(e, ACTION) = S("not-tried");
    exim_remote_reply(e);
}
