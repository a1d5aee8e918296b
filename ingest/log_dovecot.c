/* Dovecot: cuts a text at its joints and finishes what a row matched.
 *
 * The rows stand in log_dovecot_rows.c.  The layout of what lda and Sieve say of a message is
 * configurable (deliver_log_format): the Message-ID is looked for, and the outcome behind it. */
#include "log_dovecot.h"

#include <limits.h>

#include "log_family.h"
#include "scan.h"
#include "syslog.h"

enum { RECOGNISE_LINES = 20 };

/* Which of Dovecot's services speak of what. */
static const struct {
    str service, kind;
} services[] = {
    { S("lmtp"), S("delivery") },
    { S("lda"), S("delivery") },
    { S("deliver"), S("delivery") },
    { S("dovecot-lda"), S("delivery") },
    { S("local"), S("delivery") },
    { S("sieve"), S("delivery") },
    { S("imap-login"), S("login") },
    { S("pop3-login"), S("login") },
    { S("submission-login"), S("login") },
    { S("managesieve-login"), S("login") },
    { S("sieve-login"), S("login") },
    { S("imap-urlauth-login"), S("login") },
    { S("auth"), S("auth") },
    { S("auth-worker"), S("auth") },
    { S("auth(default)"), S("auth") },
    { S("imap"), S("reader") },
    { S("pop3"), S("reader") },
    { S("IMAP"), S("reader") },
    { S("POP3"), S("reader") },
    { S("managesieve"), S("reader") },
    { S("submission"), S("submission") },
    { S("imap-hibernate"), S("reader") },
    { S("MANAGESIEVE"), S("reader") },
    { S("imap-urlauth"), S("reader") },
};

/* Each outcome that a delivery's line may end with, by its first words: where they stand, the prefix ends. */
static const str outcomes[] = {
    S("saved mail to "),
    S("save failed to "),
    S("stored mail into mailbox "),
    S("left message in mailbox "),
    S("failed to store into mailbox "),
    S("failed to open mailbox "),
    S("Failed to open mailbox "),
    S("store into mailbox "),
    S("Store into mailbox "),
    S("forwarded to "),
    S("piped message to "),
    S("failed to redirect message to "),
    S("not forwarding message to "),
    S("discarded duplicate "),
    S("Marked message to be discarded"),
    S("marked message to be discarded"),
    S("Discarded message"),
    S("Discarded the message"),
    S("Auto-submitted message discarded"),
    S("rejected message from "),
    S("rejected: "),
    S("Rejected: "),
    S("Return-Path missing, "),
    S("Sending a rejection "),
    S("Temporarily failed to send "),
    S("Permanently failed to send "),
    S("Invalid postmaster_address "),
    S("failed to send "),
    S("not sending "),
    S("discarded reject"),
    S("discarding reject"),
    S("sent vacation response to "),
    S("discarded vacation "),
    S("discarding vacation "),
    S("sent mail notification "),
    S("failed to check "),
    S("Sent message to <"),
    S("Failed to send message to <"),
    S("sent "),
    S("failed to read "),
};

static str
kind_of(str service)
{
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        if (str_eq(service, services[i].service))
            return services[i].kind;
    return S("server");
}

static bool
is_outcome(str s)
{
    enum { OUTCOMES = sizeof outcomes / sizeof *outcomes };
    _Static_assert(OUTCOMES <= 64, "a bit for each");
    static uint64_t begin[UCHAR_MAX + 1]; /* those that begin with a character */
    static bool known;
    for (size_t i = 0; !known && i < OUTCOMES; i++)
        begin[(unsigned char)outcomes[i].p[0]] |= 1ull << i;
    known = true;
    for (uint64_t bits = s.n ? begin[(unsigned char)s.p[0]] : 0; bits; bits &= bits - 1)
        if (str_starts(s, outcomes[__builtin_ctzll(bits)]))
            return true;
    return false;
}

/* "fileinto action: stored ..." -> "stored ..." (Pigeonhole 0.5 on). */
static str
skip_action(str s)
{
    str head = str_head(s, 48);
    size_t colon = str_find_char(head, ':');
    if (colon == STR_NONE || !str_ends(str_head(s, colon), S(" action")) ||
        !str_starts(str_skip(head, colon), S(": ")))
        return s;
    for (size_t i = 0; i < colon; i++)
        if (!str_is_alpha(s.p[i]) && s.p[i] != '_' && s.p[i] != '-' && s.p[i] != ' ' && s.p[i] != '.')
            return s;
    return str_skip(s, colon + 2);
}

/* The outcome in a text of any deliver_log_format; the text itself where there is none.  The default is
 * "msgid=<..>: outcome".  Others may hold a subject, which its sender may have made look like an outcome: the last
 * one counts. */
static str
find_outcome(str text)
{
    str first = skip_action(text), found = text;
    if (is_outcome(first))
        return first;
    size_t id = str_find(text, S("msgid="));
    struct str_cut end = str_cut_str(text, S(">: "));
    bool is_default =
        id <= 7 && end.found && !str_has(end.head, S(", ")) && is_outcome(skip_action(end.tail));
    if (is_default)
        return skip_action(end.tail);
    for (str rest = text; rest.n;) {
        size_t at = str_find(rest, S(": "));
        if (at == STR_NONE)
            break;
        rest = str_skip(rest, at + 2);
        first = skip_action(rest);
        if (is_outcome(first))
            found = first;
    }
    if (found.p == text.p) /* "from=.., msgid=<..>, saved mail to INBOX" */
        for (str rest = text; rest.n;) {
            size_t at = str_find(rest, S(", "));
            if (at == STR_NONE)
                break;
            rest = str_skip(rest, at + 2);
            if (is_outcome(rest))
                found = rest;
        }
    return found;
}

/* Whether a line of no row could tell what became of a message; the rest is what a script's run left. */
static bool
may_decide(str text)
{
    static const str words[] = { S("stor"),    S("sav"),    S("deliver"), S("forward"), S("reject"),
                                 S("discard"), S("bounce"), S("sent "),   S("mailbox") };
    return str_has_any(text, words, sizeof words / sizeof *words);
}

/* "msgid=<a@b>: ..." in what stands before the outcome; "unspecified" is none. */
static void
take_message_id(struct event *e, str before)
{
    size_t at = str_find(before, S("msgid="));
    if (at == STR_NONE)
        return;
    str id = str_trim_left(str_skip(before, at + 6));
    if (str_starts(id, S("? <"))) /* a field that Dovecot could not read */
        id = str_skip(id, 2);
    if (id.n && id.p[0] == '<') {
        struct str_cut c = str_cut(str_skip(id, 1), '>');
        EV(e, MESSAGE_ID) = c.found ? c.head : (str){ 0 };
        return;
    }
    size_t n = 0;
    while (n < id.n && !str_is_space(id.p[n]) && id.p[n] != ',' && id.p[n] != ':')
        n++;
    id = str_head(id, n);
    EV(e, MESSAGE_ID) = str_eq(id, S("unspecified")) ? (str){ 0 } : id;
}

/* "msgid=<..>: text" of a line without an outcome. */
static str
skip_message_id(str text, struct event *e)
{
    size_t at = str_find(text, S("msgid="));
    if (at == STR_NONE || at > 7)
        return text;
    take_message_id(e, text);
    struct str_cut c = str_cut_str(str_skip(text, at), S(": "));
    return c.found ? skip_action(c.tail) : text;
}

static str
cut_angled(str *rest)
{
    if (rest->n == 0 || rest->p[0] != '<')
        return (str){ 0 };
    struct str_cut c = str_cut(str_skip(*rest, 1), '>');
    if (!c.found)
        return (str){ 0 };
    *rest = c.tail;
    return c.head;
}

/* Whose process it is, behind a service's name. */
struct who {
    int64_t pid;
    str user, session;
};

/* "(user)", "(123)", "(123, user)", then "<pid><session>", then a blank colon. */
static str
cut_who(str rest, struct who *w)
{
    if (rest.n && rest.p[0] == '(') {
        size_t close = 1, depth = 1;
        for (; depth && (close += scan_to3(str_skip(rest, close), '(', ')', ')')) < rest.n; close++)
            depth += rest.p[close] == '(' ? 1 : (size_t)-1;
        str who = str_head(str_skip(rest, 1), close - 2);
        rest = str_skip(rest, close);
        struct str_number pid = str_cut_number(who, 10);
        if (pid.ok && (pid.rest.n == 0 || pid.rest.p[0] == ',')) {
            w->pid = (int64_t)pid.value;
            who = str_trim_left(str_skip(pid.rest, 1));
        }
        w->user = who;
        if (who.n && rest.n && rest.p[0] == ',') /* "(user,ip,<session>)" of proxies */
            w->user = str_cut(who, ',').head;
    }
    struct str_number pid = str_cut_number(str_after(rest, '<'), 10);
    bool is_request = str_find_char(w->user, ',') != STR_NONE && rest.n &&
                      rest.p[0] == '<'; /* "auth(user,ip,sasl:plain)<session>" */
    if (is_request && !(pid.ok && str_starts(pid.rest, S("><"))))
        w->session = cut_angled(&rest);
    else if (pid.ok && str_starts(pid.rest, S(">"))) {
        if (w->pid == 0)
            w->pid = (int64_t)pid.value;
        cut_angled(&rest);
        w->session = cut_angled(&rest);
    }
    return rest;
}

/* "Error: ", "Info: ", also doubled ("Error: Error: "). */
static str
cut_level(str text, bool *fault)
{
    static const struct {
        str word;
        bool fault;
    } levels[] = { { S("Info: "), false }, { S("Error: "), true }, { S("Warning: "), true },
                   { S("Debug: "), true }, { S("Fatal: "), true }, { S("Panic: "), true } };
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (str_starts(text, levels[i].word)) {
            *fault |= levels[i].fault;
            return cut_level(str_skip(text, levels[i].word.n), fault);
        }
    return text;
}

/* 2.0 to 2.2: "SESSION: msgid=...", the session in base64. */
static str
cut_old_session(str text, struct event *e)
{
    struct str_cut c = str_cut_str(text, S(": "));
    if (!c.found || c.head.n < 16 || c.head.n > 40)
        return text;
    for (size_t i = 0; i < c.head.n; i++) {
        char x = c.head.p[i];
        if (!str_is_alpha(x) && !str_is_digit(x) && x != '+' && x != '/' && x != '=' && x != ':')
            return text;
    }
    EV(e, SESSION) = c.head;
    return c.tail;
}

struct dovecot_part
dovecot_cut(const struct line *line, struct event *e)
{
    str text = line->text;
    str tag = str_cut(line->program, '(').head;
    if (!str_eq(tag, S("dovecot")) && tag.n) { /* "deliver(user): msgid=.." as tag and text */
        if (tag.n < line->program.n && line->program.p[line->program.n - 1] == ')')
            EV(e, USER) = str_of(line->program.p + tag.n + 1, line->program.n - tag.n - 2);
    } else {
        size_t n = 0;
        while (n < text.n &&
               (str_is_alpha(text.p[n]) || text.p[n] == '-' || text.p[n] == '_' || str_is_digit(text.p[n])))
            n++;
        tag = str_head(text, n);
        struct who who = { 0 };
        str rest = cut_who(str_skip(text, n), &who);
        if (e->pid == 0)
            e->pid = who.pid;
        EV(e, USER) = who.user;
        EV(e, SESSION) = who.session;
        if (str_starts(tag, S("auth"))) { /* 2.4: "(user,192.0.2.1,sasl:plain)" */
            struct str_cut request = str_cut(who.user, ',');
            str address = str_cut(request.tail, ',').head;
            EV(e, USER) = request.head;
            EV(e, CLIENT_IP) = str_starts(address, S("sasl:")) ? (str){ 0 } : address;
        }
        if (n == 0 || !str_starts(rest, S(":")))
            return (struct dovecot_part){ S("server"), text };
        text = str_trim_left(str_skip(rest, 1));
    }
    bool fault = false;
    struct dovecot_part part = { kind_of(tag), cut_level(text, &fault) };
    if (str_eq(part.kind, S("delivery"))) {
        if (EV(e, SESSION).n == 0)
            part.rest = cut_old_session(part.rest, e);
        str outcome = find_outcome(part.rest);
        take_message_id(e, str_head(part.rest, (size_t)(outcome.p - part.rest.p)));
        bool ended = outcome.p != part.rest.p || is_outcome(outcome);
        if (!ended)
            outcome = skip_message_id(outcome, e);
        part.rest = str_starts(outcome, S("sieve: ")) ? str_skip(outcome, 7) : outcome;
        if (fault && !ended)
            part.kind = S("fault");
    } else if (fault && !str_eq(part.kind, S("login"))) {
        part.kind = S("fault");
    }
    return part;
}

bool
dovecot_frame(str whole, struct line *out, struct civil *civil, bool *zoned, int *offset_s)
{
    struct when_result stamp = when_rfc3339(whole);
    if (!stamp.ok)
        stamp = when_rfc3164(whole);
    if (!stamp.ok || stamp.rest.n < 2 || stamp.rest.p[0] != ' ')
        return false;
    str text = str_trim_left(stamp.rest);
    if (str_starts(text, S("dovecot: ")))
        text = str_skip(text, 9);
    size_t n = 0;
    while (n < text.n && (str_is_alpha(text.p[n]) || text.p[n] == '-' || str_is_digit(text.p[n])))
        n++;
    struct who who = { 0 };
    str rest = cut_who(str_skip(text, n), &who);
    bool fault = false;
    if (n == 0 || !str_starts(rest, S(": ")) || cut_level(str_skip(rest, 2), &fault).n == rest.n - 2)
        return false;
    out->whole = whole;
    out->program = S("dovecot");
    out->text = text;
    *civil = stamp.civil;
    *zoned = stamp.zoned;
    *offset_s = stamp.offset_s;
    return true;
}

static void
finish_session(struct event *e)
{
    if (str_eq(EV(e, CLIENT_IP), S("local")))
        EV(e, CLIENT_IP) = (str){ 0 };
    EV(e, AUTH_USER) = EV(e, USER);
}

/* The MTA's reply names the queue id under which the message goes on: what is said of it belongs there. */
static void
finish_relayed(struct event *e)
{
    e->result = e->kind == EVENT_FILTER ? RESULT_SENT : RESULT_NONE; /* only who took it gives it an id */
    event_parse_reply(e);
    e->result = RESULT_NONE;
    EV(e, AUTH_USER) = EV(e, USER);
    if (e->kind == EVENT_REFUSAL)
        return;
    EV(e, ENGINE) = S("dovecot-submission");
    EV(e, QUEUE_ID) = EV(e, NEXT_QUEUE_ID);
    EV(e, NEXT_QUEUE_ID) = (str){ 0 };
}

static bool
dovecot_owns(str program)
{
    static const char *const names[] = { "dovecot",    "dovecot-lda", "deliver",           "lda",
                                         "imap-login", "pop3-login",  "managesieve-login", "submission-login",
                                         NULL };
    return log_is_named(str_cut(program, '(').head, names);
}

static void
dovecot_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = dovecot_rows, .unknown = "not a known Dovecot line" };
    if (log_ignore_rest(line, e))
        return;
    if (e->program.n == 0)
        e->program = S("dovecot");
    struct dovecot_part part = dovecot_cut(line, e);
    if (!log_family_match(&family, part.kind, part.rest, e)) {
        log_ignore_own_life(e, str_has(line->text, S("msgid=")) && may_decide(part.rest));
        return;
    }
    if (e->kind == EVENT_SESSION)
        finish_session(e);
    else if (str_eq(part.kind, S("submission")) && e->kind != EVENT_IGNORED)
        finish_relayed(e);
}

/* Its own file, or a syslog with its lines. */
static int
dovecot_recognise(str head, bool eof)
{
    return syslog_recognise_own(head, eof, RECOGNISE_LINES, dovecot_frame, NULL, dovecot_owns);
}

const struct format format_dovecot = {
    .name = "dovecot",
    .kind = "log",
    .description = "Dovecot 2.x: LMTP, LDA, Sieve, log-ins; its own log or through syslog",
    .recognise = dovecot_recognise,
    .owns = dovecot_owns,
    .frame = dovecot_frame,
    .parse = dovecot_parse,
};
