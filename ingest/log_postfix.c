/* Postfix logs: which programs are Postfix, and what a matched row still needs.
 *
 * The rows themselves stand in log_postfix_rows.c.  Joining lines of one
 * session (TLS, lost connections) is the tracker's business. */
#include "format.h"
#include "log_family.h"
#include "log_postfix.h"
#include "syslog.h"

static const char *const daemons[] = {
    "smtpd",
    "smtp",
    "lmtp",
    "qmgr",
    "cleanup",
    "pickup",
    "bounce",
    "local",
    "virtual",
    "pipe",
    "postscreen",
    "dnsblog",
    "tlsproxy",
    "error",
    "retry",
    "discard",
    "defer",
    "trace",
    "anvil",
    "scache",
    "verify",
    "postsuper",
    "postqueue",
    "sendmail",
    "postdrop",
    "master",
    "postfix-script",
    "trivial-rewrite",
    "proxymap",
    "tlsmgr",
    "flush",
    "showq",
    "nqmgr",
    "oqmgr",
    "postlog",
    "postlogd",
    "qmqpd",
    "postmulti",
    "postfix",
    "postalias",
    "postmap",
    "postconf",
    "postcat",
    "postkick",
    "postlock",
    "spawn",
    "proxywrite",
    "postfix-tls-script",
    "postfix-wrapper",
    "post-install",
    "postmulti-script",
    "smtp-source",
    "smtp-sink",
    "posttls-finger",
    NULL,
};

/* "postfix/submission/smtpd" -> "smtpd"; a tag is ours if it names a daemon behind a slash or starts so. */
static str
daemon_of(str program)
{
    size_t slash = str_rfind_char(program, '/');
    return slash == STR_NONE ? program : str_skip(program, slash + 1);
}

static bool
postfix_owns(str program)
{
    bool tagged = str_starts(program, S("postfix")) || str_has(program, S("/"));
    if (!tagged || str_starts(program, S("cyrus/"))) /* "cyrus/lmtp" and "cyrus/master" are not Postfix's */
        return false;
    str daemon = daemon_of(program);
    for (size_t i = 0; daemons[i]; i++)
        if (str_eq(daemon, str_from(daemons[i])))
            return true;
    return false;
}

static enum stage
phase_stage(str phase)
{
    static const struct {
        const char *phase;
        enum stage stage;
    } phases[] = {
        { "RCPT", STAGE_ENVELOPE },   { "MAIL", STAGE_ENVELOPE },       { "DATA", STAGE_DATA },
        { "BDAT", STAGE_DATA },       { "END-OF-MESSAGE", STAGE_DATA }, { "END-OF-DATA", STAGE_DATA },
        { "CONNECT", STAGE_CONNECT }, { "EHLO", STAGE_HELO },           { "HELO", STAGE_HELO },
        { "LHLO", STAGE_HELO },       { "STARTTLS", STAGE_TLS },        { "AUTH", STAGE_SUBMISSION },
        { "VRFY", STAGE_ENVELOPE },   { "ETRN", STAGE_ENVELOPE },       { "EOM", STAGE_DATA },
    };
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++)
        if (str_eq(phase, str_from(phases[i].phase)))
            return phases[i].stage;
    return STAGE_UNKNOWN;
}

/* Milters and header checks share a row per program; their action says what happened. */
static void
finish_refusal(struct event *e)
{
    str action = EV(e, ACTION);
    if (str_starts(action, S("milter-header-")) || str_starts(action, S("milter-body-")))
        action = str_skip(action, str_find(str_skip(action, 7), S("-")) + 8);
    else if (str_starts(action, S("milter-")))
        action = str_skip(action, 7);
    else if (str_starts(action, S("proxy-")))
        action = str_skip(action, 6);
    if (e->stage == STAGE_UNKNOWN)
        e->stage = phase_stage(EV(e, PHASE));
    bool in_queue = EV(e, QUEUE_ID).n > 0;
    bool whole = e->stage == STAGE_DATA || e->stage == STAGE_CONTENT;
    if (str_eq(action, S("reject")) || str_eq(action, S("hangup")) || str_eq(action, S("auth-failure"))) {
        if (in_queue && whole)
            e->flags |= EVENT_MESSAGE_REFUSED;
    } else if (str_eq(action, S("discard"))) {
        if (in_queue && whole)
            e->flags |= EVENT_DISCARDED;
    } else if (str_eq(action, S("hold")) || str_eq(action, S("quarantine"))) {
        if (in_queue)
            e->flags |= EVENT_HELD;
    } else { /* warn, replace, prepend, redirect, ...: nothing was refused */
        e->kind = EVENT_SESSION;
    }
    if (EV(e, MAIL_FROM).p)
        e->flags |= EVENT_HAS_MAIL_FROM;
}

/* "10.0.0.1" and "2001:db8::1" are addresses; "private/dovecot-lmtp", "unknown" are not. */
static bool
looks_like_ip(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!str_is_digit(c) && c != '.' && c != ':' && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F') &&
            c != '%')
            return false;
    }
    return s.n > 1;
}

static void
finish_attempt(struct event *e, str daemon)
{
    static const struct {
        const char *status;
        enum attempt_result result;
    } results[] = {
        { "sent", RESULT_SENT },       { "deferred", RESULT_DEFERRED },   { "bounced", RESULT_BOUNCED },
        { "expired", RESULT_EXPIRED }, { "SOFTBOUNCE", RESULT_DEFERRED }, { "force-expired", RESULT_EXPIRED },
    };
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (str_eq(EV(e, STATUS), str_from(results[i].status)))
            e->result = results[i].result;
    if (e->result == RESULT_NONE) { /* (un)deliverable: an address probe, not a message */
        e->kind = EVENT_IGNORED;
        e->why = "an address probe";
        return;
    }
    if (str_eq(EV(e, RELAY_NAME), S("none")))
        EV(e, RELAY_NAME) = (str){ 0 };
    bool socket = EV(e, RELAY_IP).n && !looks_like_ip(EV(e, RELAY_IP));
    if (socket)
        EV(e, RELAY_IP) = (str){ 0 };
    bool smtp = str_eq(daemon, S("smtp"));
    bool lmtp = str_eq(daemon, S("lmtp"));
    if (e->result == RESULT_SENT && !smtp && (!lmtp || socket || str_has(EV(e, REPLY), S(" Saved"))))
        e->flags |= EVENT_LOCAL;
    if (e->result == RESULT_SENT && str_eq(daemon, S("discard")))
        e->result = RESULT_DISCARDED;
    /* amavis and Proxmox' filter take what they drop */
    if (e->result == RESULT_SENT &&
        (str_has(EV(e, REPLY), S("Ok, discarded")) || str_starts(EV(e, REPLY), S("250 2.7.0 BLOCKED ("))))
        e->result = RESULT_DISCARDED;
    size_t forwarded = str_find(EV(e, REPLY), S("forwarded as "));
    if (str_eq(daemon, S("local")) && forwarded == 0) {
        EV(e, NEXT_QUEUE_ID) = str_trim(str_skip(EV(e, REPLY), 13));
        e->flags &= ~(unsigned)EVENT_LOCAL;
    }
    str reply = EV(e, REPLY);
    if (str_starts(reply, S("host "))) { /* "host X[ip] said: 550 5.1.1 ... (in reply to RCPT TO command)" */
        size_t said = str_find(reply, S(": "));
        if (said != STR_NONE) {
            str words = str_skip(reply, said + 2);
            if (words.n >= 3 && str_digits(str_head(words, 3)))
                EV(e, CODE) = str_head(words, 3);
        }
    }
    event_parse_reply(e);
}

/* Short, cut or foreign ids, too. */
static bool
looks_like_id(str word)
{
    bool digit = false, good = word.n > 2 && word.n <= 32;
    for (size_t i = 0; good && i < word.n; i++) {
        digit |= str_is_digit(word.p[i]);
        good = str_is_digit(word.p[i]) || str_is_alpha(word.p[i]);
    }
    return good && digit;
}

/* A line of no row.  Postfix puts the queue id, or NOQUEUE, before all that it says of a message, and results
 * of deliveries are told in one form alone: what lacks the id is about the daemon itself or comes of debugging
 * (debug_peer_list, -v), and what else delivery agents tell beside an id decides nothing. */
static void
finish_unknown(str daemon, str text, struct event *e)
{
    static const char *const agents[] = { "smtp",  "lmtp",    "local",  "virtual", "pipe",  "error",
                                          "retry", "discard", "qmgr",   "nqmgr",   "oqmgr", "bounce",
                                          "defer", "trace",   "pickup", NULL };
    bool about_a_message = text.n == 0 || looks_like_id(str_cut_str(text, S(": ")).head) ||
                           str_starts(text, S("NOQUEUE")) || str_has(text, S(", status=")) ||
                           str_has(text, S("reject: "));
    bool decided = str_has(text, S(", status=")) || str_has(text, S("from=<")) || str_has(text, S("to=<"));
    if (!about_a_message) {
        e->kind = EVENT_IGNORED;
        e->why = "a daemon's own life or debugging";
    } else if (!decided && log_is_named(daemon, agents)) {
        e->kind = EVENT_IGNORED;
        e->why = "a delivery agent's note";
    } else {
        e->kind = EVENT_REJECT;
        e->why = "not a known Postfix line";
    }
}

static bool
is_submission(str program)
{
    return str_has(program, S("/submission")) || str_has(program, S("/smtps/"));
}

static void
postfix_parse(const struct line *line, struct event *e)
{
    static struct log_table *table;
    if (table == NULL) {
        size_t n;
        const struct log_row *rows = postfix_rows(&n);
        table = log_table_new(rows, n);
    }
    str daemon = daemon_of(line->program);
    if (!log_table_match(table, daemon, line->text, e)) {
        finish_unknown(daemon, line->text, e);
        return;
    }
    if (str_eq(EV(e, CLIENT_IP), S("unknown"))) /* gone before its address could be asked */
        EV(e, CLIENT_IP) = (str){ 0 };
    if (e->kind == EVENT_SESSION && EV(e, RELAY_IP).n && !looks_like_ip(EV(e, RELAY_IP)))
        EV(e, RELAY_IP) = (str){ 0 }; /* a socket: "mx1.example.com[private/dovecot-lmtp]" */
    switch (e->kind) {
    case EVENT_ATTEMPT: finish_attempt(e, daemon); break;
    case EVENT_REFUSAL:
        finish_refusal(e);
        event_parse_reply(e);
        if (is_submission(line->program) && e->stage == STAGE_ENVELOPE && EV(e, AUTH_USER).n == 0 &&
            str_has(EV(e, REPLY), S("Client host rejected: Access denied")))
            e->stage =
                STAGE_SUBMISSION; /* what permit_sasl_authenticated,reject says to who did not log in */
        break;
    case EVENT_NOTIFICATION:
        if (str_eq(EV(e, ACTION), S("non-delivery")))
            EV(e, ACTION) = S("bounce");
        else if (str_eq(EV(e, ACTION), S("delivery status")))
            EV(e, ACTION) = S("success");
        break;
    default: break;
    }
}

/* A syslog whose first recognisable lines come from Postfix. */
static int
postfix_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, postfix_owns);
}

const struct format format_postfix = {
    .name = "postfix",
    .kind = "log",
    .description = "Postfix, all daemons, through syslog, journald's text form or postlogd",
    .recognise = postfix_recognise,
    .owns = postfix_owns,
    .parse = postfix_parse,
};
