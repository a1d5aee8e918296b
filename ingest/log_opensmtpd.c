/* OpenSMTPD logs: cuts a line at its joints, finds its row, and finishes the event.
 *
 * What belongs together says so by its session; the tracker joins it.  Nothing tells when a message leaves the
 * queue: its last recipient's delivery does. */
#include "log_opensmtpd.h"

#include <stdio.h>

#include "syslog.h"

enum { TEXT_MAX = 16384, SESSION_DIGITS = 16 };

static bool
is_hex(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!str_is_digit(s.p[i]) && (s.p[i] < 'a' || s.p[i] > 'f'))
            return false;
    return true;
}

struct opensmtpd_part
opensmtpd_cut(str text)
{
    static const str kinds[] = { S("smtp"), S("mta"), S("mda"), S("filters") };
    struct opensmtpd_part part = { .kind = S("words"), .rest = text };
    if (text.n <= SESSION_DIGITS || text.p[SESSION_DIGITS] != ' ' || !is_hex(str_head(text, SESSION_DIGITS)))
        return part;
    struct str_cut c = str_cut(str_skip(text, SESSION_DIGITS + 1), ' ');
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eq(c.head, kinds[i])) {
            part.session = str_head(text, SESSION_DIGITS);
            part.kind = c.head;
            part.rest = str_starts(c.tail, S("event=")) ? str_skip(c.tail, 6) : c.tail;
        }
    return part;
}

/* "10.0.0.1", "[2001:db8::1]", "IPv6:2001:db8::1", "10.0.0.1:25"; "local" and a socket's path are no address. */
static str
bare_ip(str s)
{
    str inside = str_unwrap(s, '[', ']');
    s = inside.n ? inside : s;
    if (str_istarts(s, S("IPv6:")))
        s = str_skip(s, 5);
    struct str_cut port = str_cut(s, ':');
    if (port.found && str_digits(port.tail) && str_has(port.head, S(".")))
        s = port.head;
    for (size_t i = 0; i < s.n; i++)
        if (!str_is_digit(s.p[i]) && s.p[i] != '.' && s.p[i] != ':' && s.p[i] != '%' &&
            (str_lower_char(s.p[i]) < 'a' || str_lower_char(s.p[i]) > 'f'))
            return (str){ 0 };
    return str_has(s, S(".")) || str_has(s, S(":")) ? s : (str){ 0 };
}

static bool
is_unknown(str name)
{
    return str_eq(name, S("<unknown>")) || str_eq(name, S("unknown"));
}

/* Who enqueues on this host has no address: "local". */
static void
finish_client(struct event *e)
{
    str said = EV(e, CLIENT_IP);
    if (str_eq(said, S("local")) || str_starts(said, S("unix:")) || str_eq(said, S("enqueuer")))
        e->flags |= EVENT_LOCAL;
    EV(e, CLIENT_IP) = bare_ip(said);
    if (is_unknown(EV(e, CLIENT_NAME)))
        EV(e, CLIENT_NAME) = (str){ 0 };
}

/* "TLSv1.3:TLS_AES_256_GCM_SHA384:256", or "version=TLSv1.2 (..), cipher=..., bits=256". */
static void
finish_tls(struct event *e)
{
    str s = EV(e, DETAIL);
    str inside = str_unwrap(s, '"', '"');
    s = inside.n ? inside : s;
    if (str_starts(s, S("version="))) {
        struct str_cut version = str_cut(str_skip(s, 8), ',');
        EV(e, TLS_VERSION) = str_cut(version.head, ' ').head;
        size_t at = str_find(version.tail, S("cipher="));
        if (at != STR_NONE)
            EV(e, TLS_CIPHER) = str_cut(str_skip(version.tail, at + 7), ',').head;
    } else {
        struct str_cut version = str_cut(s, ':');
        EV(e, TLS_VERSION) = version.head;
        EV(e, TLS_CIPHER) = str_cut(version.tail, ':').head;
    }
    EV(e, DETAIL) = (str){ 0 };
}

/* "1d2h3m4s" -> seconds.  One text at a time. */
static str
seconds(str s)
{
    static const struct {
        char unit;
        uint64_t seconds;
    } units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
    static char digits[24];
    uint64_t total = 0;
    if (s.n == 0)
        return s;
    while (s.n) {
        struct str_number n = str_cut_number(s, 8);
        size_t i = 0;
        while (n.ok && n.rest.n && i < 4 && units[i].unit != n.rest.p[0])
            i++;
        if (!n.ok || n.rest.n == 0 || i == 4)
            return (str){ 0 };
        total += n.value * units[i].seconds;
        s = str_skip(n.rest, 1);
    }
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)total);
    return str_of(digits, (size_t)n);
}

static enum attempt_result
result_of(str status)
{
    static const struct {
        str start;
        enum attempt_result result;
    } words[] = {
        { S("Ok"), RESULT_SENT },          { S("Temp"), RESULT_DEFERRED }, { S("Perm"), RESULT_BOUNCED },
        { S("Net"), RESULT_DEFERRED },     { S("Loop"), RESULT_BOUNCED },  { S("Expire"), RESULT_EXPIRED },
        { S("Remove"), RESULT_DISCARDED }, { S("Fail"), RESULT_BOUNCED },  { S("Reject"), RESULT_BOUNCED },
        { S("Deliver"), RESULT_SENT },     { S("Error"), RESULT_BOUNCED },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_istarts(status, words[i].start))
            return words[i].result;
    return RESULT_DEFERRED;
}

/* "192.0.2.1 (mx.example)", "192.0.2.1", "mx.example", "[192.0.2.1]:25". */
static void
finish_relay(struct event *e)
{
    str s = EV(e, DETAIL);
    struct str_cut c = str_cut(s, ' ');
    str ip = bare_ip(c.head);
    if (ip.n == 0 && c.head.n && c.head.p[0] == '[') {
        struct str_cut port = str_cut(str_skip(c.head, 1), ']');
        ip = bare_ip(port.head);
    }
    str name = c.found ? str_unwrap(str_trim(c.tail), '(', ')') : ip.n ? (str){ 0 } : s;
    EV(e, RELAY_IP) = ip;
    EV(e, RELAY_NAME) = is_unknown(name) ? (str){ 0 } : name;
    EV(e, DETAIL) = (str){ 0 };
}

static void
finish_attempt(struct event *e)
{
    bool mailbox = str_eq(EV(e, VIA), S("delivery")) || (e->flags & EVENT_LOCAL);
    e->result = result_of(EV(e, STATUS));
    e->flags &= ~(unsigned)EVENT_LOCAL;
    if (mailbox && e->result == RESULT_SENT)
        e->flags |= EVENT_LOCAL;
    if (e->result == RESULT_DISCARDED) { /* by an operator: one recipient, perhaps of several */
        e->kind = EVENT_REMOVAL;
        e->flags |= EVENT_DELETED;
        EV(e, ACTION) = S("deleted");
    }
    EV(e, DELAY) = seconds(EV(e, DELAY));
    finish_relay(e);
    str rcpt = EV(e, ORIG_RECIPIENT);
    if (str_eq(rcpt, S("-")) || str_ieq(rcpt, EV(e, RECIPIENT)))
        EV(e, ORIG_RECIPIENT) = (str){ 0 };
    event_parse_reply(e);
}

/* The address of "MAIL FROM:<a@b> SIZE=1". */
static str
address_of(str command)
{
    struct str_cut c = str_cut(command, ':');
    str s = str_trim_left(c.tail);
    if (s.n && s.p[0] == '<') {
        size_t close = str_find_char(s, '>');
        return close == STR_NONE ? (str){ 0 } : str_of(s.p + 1, close - 1);
    }
    return str_cut(s, ' ').head;
}

/* The command as the client wrote it says where the dialogue stood; "" is the end of the message. */
static void
finish_refusal(struct event *e)
{
    static const struct {
        str verb;
        enum stage stage;
    } verbs[] = {
        { S("RCPT"), STAGE_ENVELOPE }, { S("MAIL"), STAGE_ENVELOPE },   { S("DATA"), STAGE_DATA },
        { S("EHLO"), STAGE_HELO },     { S("HELO"), STAGE_HELO },       { S("LHLO"), STAGE_HELO },
        { S("STARTTLS"), STAGE_TLS },  { S("AUTH"), STAGE_SUBMISSION }, { S("VRFY"), STAGE_ENVELOPE },
        { S("EXPN"), STAGE_ENVELOPE }, { S("."), STAGE_DATA },
    };
    str command = str_trim(EV(e, PHASE));
    if (e->stage == STAGE_UNKNOWN) {
        for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
            if (str_istarts(command, verbs[i].verb)) {
                e->stage = verbs[i].stage;
                EV(e, PHASE) = verbs[i].verb;
            }
        if (command.n == 0)
            e->stage = STAGE_DATA;
    }
    if (str_istarts(command, S("RCPT")))
        EV(e, RECIPIENT) = address_of(command);
    if (str_istarts(command, S("MAIL"))) {
        EV(e, MAIL_FROM) = address_of(command);
        e->flags |= EVENT_HAS_MAIL_FROM;
    }
    if (str_istarts(command, S("EHLO")) || str_istarts(command, S("HELO")))
        EV(e, HELO) = str_trim(str_cut(command, ' ').tail);
    if (e->stage == STAGE_SUBMISSION)
        EV(e, ACTION) = S("auth-failure");
    str inside = str_unwrap(EV(e, REPLY), '"', '"');
    EV(e, REPLY) = inside.n ? inside : EV(e, REPLY);
    event_parse_reply(e);
}

static void
finish(struct event *e)
{
    switch (e->kind) {
    case EVENT_ARRIVAL:
        if (EV(e, MAIL_FROM).p)
            e->flags |= EVENT_HAS_MAIL_FROM;
        finish_client(e);
        break;
    case EVENT_ATTEMPT: finish_attempt(e); break;
    case EVENT_REFUSAL:
        finish_client(e);
        finish_refusal(e);
        break;
    case EVENT_SESSION:
        finish_client(e);
        if (is_unknown(EV(e, RELAY_NAME)))
            EV(e, RELAY_NAME) = (str){ 0 };
        if (e->flags & EVENT_TLS)
            finish_tls(e);
        break;
    default: break;
    }
}

/* A text of no row: what became of a message is told with its own id, or in answer to a command. */
static void
finish_unknown(str session, str text, struct event *e)
{
    static const str deciding[] = { S("evpid="),  S("msgid="),  S("delivery"),
                                    S("command"), S("result="), S("stat=") };
    bool decides = text.n == 0;
    for (size_t i = 0; !decides && i < sizeof deciding / sizeof *deciding; i++)
        decides = str_has(text, deciding[i]);
    e->kind = decides ? EVENT_REJECT : EVENT_IGNORED;
    e->why = decides     ? "not a known OpenSMTPD line"
             : session.n ? "what a session says of itself"
                         : "the server's own life";
}

static void
opensmtpd_parse(const struct line *line, struct event *e)
{
    static struct log_table *table;
    if (table == NULL) {
        size_t n;
        const struct log_row *rows = opensmtpd_rows(&n);
        table = log_table_new(rows, n);
    }
    if (line->text.n > TEXT_MAX) {
        e->kind = EVENT_REJECT;
        e->why = "longer than any OpenSMTPD line";
        return;
    }
    struct opensmtpd_part part = opensmtpd_cut(line->text);
    EV(e, SESSION) = part.session;
    if (log_table_match(table, part.kind, part.rest, e)) {
        finish(e);
    } else {
        finish_unknown(part.session, line->text, e);
    }
}

/* Postfix's smtpd has a slash before it. */
static bool
opensmtpd_owns(str program)
{
    return str_eq(program, S("smtpd")) || str_eq(program, S("opensmtpd")) || str_eq(program, S("smtpctl"));
}

static int
opensmtpd_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, opensmtpd_owns);
}

const struct format format_opensmtpd = {
    .name = "opensmtpd",
    .kind = "log",
    .description = "OpenSMTPD, all releases, through syslog",
    .recognise = opensmtpd_recognise,
    .owns = opensmtpd_owns,
    .parse = opensmtpd_parse,
};
