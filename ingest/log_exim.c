/* Exim logs: cuts a line at its joints, finds its row, and finishes the event.
 *
 * Exim says little of a message in many words; most of the work is in the
 * items (exim_items.c) and in the reason of a failure (exim_reply.c).  Which
 * bounce belongs to which message is said here (detail of an arrival whose
 * action is "bounce") and linked by the tracker. */
#include "log_exim.h"

#include "exim_items.h"
#include "exim_reply.h"
#include "id_time.h"
#include "syslog.h"

enum {
    RECOGNISE_LINES = 400,
    TEXT_MAX = 16384, /* twice the buffer in which Exim makes a line */
};

bool
exim_frame(str whole, struct line *out, struct civil *civil, bool *zoned, int *offset_s)
{
    if (whole.n < 20 || whole.p[4] != '-' || whole.p[10] != ' ')
        return false;
    struct when_result stamp = when_rfc3339(whole);
    str rest = stamp.rest;
    if (!stamp.ok || stamp.zoned || rest.n == 0 || rest.p[0] != ' ')
        return false;
    rest = str_skip(rest, 1);
    *zoned = false;
    *offset_s = 0;
    if (rest.n >= 6 && (rest.p[0] == '+' || rest.p[0] == '-') && str_digits(str_of(rest.p + 1, 4)) &&
        rest.p[5] == ' ') {
        int hhmm = (int)str_cut_number(str_of(rest.p + 1, 4), 4).value;
        int seconds = hhmm / 100 * 3600 + hhmm % 100 * 60;
        *offset_s = rest.p[0] == '-' ? -seconds : seconds;
        *zoned = true;
        rest = str_skip(rest, 6);
    }
    if (rest.n && rest.p[0] == '[') {
        struct str_number pid = str_cut_number(str_skip(rest, 1), 18);
        if (pid.ok && str_starts(pid.rest, S("] "))) {
            out->pid = (int64_t)pid.value;
            rest = str_skip(pid.rest, 2);
        }
    }
    out->whole = whole;
    out->text = rest;
    *civil = stamp.civil;
    return true;
}

/* Syslog takes lines of limited length: Exim writes the pieces as "[1\3] ...", "[2\3] ...". */
static bool
cut_piece(str *text, uint64_t *number)
{
    struct str_number n = str_cut_number(str_after(*text, '['), 3);
    if (!n.ok || n.rest.n == 0 || (n.rest.p[0] != '\\' && n.rest.p[0] != '/'))
        return false;
    struct str_number of = str_cut_number(str_skip(n.rest, 1), 3);
    if (!of.ok || !str_starts(of.rest, S("] ")))
        return false;
    *number = n.value;
    *text = str_skip(of.rest, 2);
    return true;
}

static str
flag_at(str s)
{
    static const str flags[] = { S("<="), S("=>"), S("->"), S(">>"), S("*>"), S("**"), S("==") };
    if (s.n >= 3 && s.p[2] == ' ')
        for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
            if (memcmp(s.p, flags[i].p, 2) == 0)
                return str_head(s, 2);
    return (str){ 0 };
}

/* The row's program for a flag: the four ways to deliver are told apart by the flag alone. */
static str
flag_kind(str flag)
{
    return flag.p[1] == '>' ? S("=>") : flag;
}

static bool
is_dialogue(str s)
{
    return str_starts(s, S("H=")) || str_starts(s, S("U=")) || str_starts(s, S("F="));
}

struct exim_part
exim_cut(const struct line *line, struct event *e)
{
    struct exim_part part = { .rest = line->text };
    bool framed = line->at != WHEN_NONE || line->program.n > 0;
    if (line->program.n) { /* syslog */
        uint64_t number = 1;
        if (cut_piece(&part.rest, &number) && number > 1) {
            part.kind = S("split");
            return part;
        }
    }
    if (part.rest.n && str_is_digit(part.rest.p[0])) { /* the stamp, again */
        struct line again = { .pid = line->pid };
        struct civil civil;
        bool zoned;
        int offset_s;
        if (exim_frame(part.rest, &again, &civil, &zoned, &offset_s)) {
            part.rest = again.text;
            framed = true;
            if (e->pid == 0)
                e->pid = again.pid;
        }
    }
    size_t n = id_exim_length(part.rest);
    if (n) {
        part.id = str_head(part.rest, n);
        part.rest = str_skip(part.rest, n + 1);
        part.flag = flag_at(part.rest);
    }
    if (part.flag.n) {
        part.kind = flag_kind(part.flag);
        part.rest = str_skip(part.rest, 3);
    } else if (is_dialogue(part.rest)) {
        part.kind = S("host");
        str rest = exim_items(part.rest, EXIM_DIALOGUE, e);
        part.rest = str_starts(rest, S(": ")) ? str_skip(rest, 2) : rest;
    } else {
        part.kind = n ? S("message") : framed ? S("words") : S("header");
    }
    return part;
}

/* What follows the last of a row's fields, a closing bracket skipped. */
static str
after_fields(str text, const struct event *e)
{
    static const enum event_field fields[] = { FIELD_MAIL_FROM, FIELD_RECIPIENT, FIELD_ORIG_RECIPIENT,
                                               FIELD_DETAIL };
    const char *end = text.p;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        str f = e->field[fields[i]];
        if (f.p && f.p >= text.p && f.p <= text.p + text.n && f.p + f.n > end)
            end = f.p + f.n;
    }
    str rest = str_skip(text, (size_t)(end - text.p));
    rest = str_starts(rest, S("<>")) ? str_skip(rest, 2) : rest;
    return rest.n && rest.p[0] == '>' ? str_skip(rest, 1) : rest;
}

/* "from <a> for b c d": the recipients are counted, and kept for lines that decide about all of them. */
static void
take_recipients(str tail, struct event *e)
{
    if (str_starts(tail, S("from <"))) {
        size_t end = str_find(tail, S("> "));
        if (end == STR_NONE)
            return;
        tail = str_skip(tail, end + 2);
    }
    if (!str_starts(tail, S("for ")))
        return;
    size_t n = 0;
    bool blank = true;
    for (size_t i = 4; i < tail.n; i++) {
        n += blank && tail.p[i] != ' ';
        blank = tail.p[i] == ' ';
    }
    if (n)
        EV(e, NRCPT) = exim_count(n);
    e->named = str_trim(str_skip(tail, 4));
}

static void
finish_arrival(const struct exim_part *part, struct event *e)
{
    str tail = exim_items(after_fields(part->rest, e), EXIM_ARRIVAL, e);
    take_recipients(tail, e);
}

/* "=> bob <staff@example.com>": an alias became the local user bob, whose domain is not written.  Lines of the
 * same address that are no deliveries write it whole ("== bob@example.com <staff@example.com>"). */
static void
take_local_part(struct event *e)
{
    struct str_cut first = str_rcut(EV(e, RECIPIENT), '@');
    str user = EV(e, USER);
    if (user.n == 0 || user.p[0] == '"' || !first.found || str_ieq(user, first.head) || str_has(user, S(" ")))
        return;
    str address = exim_address(user, first.tail);
    if (address.n == 0)
        return;
    EV(e, ORIG_RECIPIENT) = EV(e, RECIPIENT);
    EV(e, RECIPIENT) = address;
}

static void
finish_delivery(const struct exim_part *part, struct event *e)
{
    str rest = after_fields(part->rest, e);
    str parents = str_trim_left(rest);
    if (parents.n && parents.p[0] == '(') {
        size_t end = str_find_char(parents, ')');
        rest = end == STR_NONE ? rest : str_skip(parents, end + 1);
    }
    exim_items(rest, EXIM_DELIVERY, e);
    if (str_eq(EV(e, ORIG_RECIPIENT), S("system-filter"))) /* its own choice, no address */
        EV(e, ORIG_RECIPIENT) = (str){ 0 };
    if (str_eq(EV(e, RECIPIENT), S("system-filter"))) {
        EV(e, RECIPIENT) = EV(e, USER);
    } else if (e->flags & EVENT_LOCAL) {
        take_local_part(e);
    }
    EV(e, STATUS) = part->flag;
    e->result = RESULT_SENT;
    if (str_eq(EV(e, ACTION), S("discard")) || str_eq(EV(e, MAILBOX), S("/dev/null")) ||
        str_eq(part->flag, S("*>"))) { /* "*>": what a debugging run (-N) did not deliver */
        e->result = RESULT_DISCARDED;
        e->flags &= ~(unsigned)EVENT_LOCAL;
    } else if (EV(e, RELAY_IP).n == 0) {
        e->flags |= EVENT_LOCAL;
    }
    event_parse_reply(e);
}

/* "**" and "==": items, the peer, the reason. */
static void
finish_failure(const struct exim_part *part, struct event *e)
{
    str items = EV(e, DETAIL);
    EV(e, DETAIL) = (str){ 0 };
    exim_items(items, EXIM_DELIVERY, e);
    if (str_eq(part->flag, S("**"))) {
        exim_failure(e);
    } else {
        exim_deferral(e);
    }
    EV(e, STATUS) = part->flag;
    if (EV(e, PHASE).n)
        e->stage = exim_phase_stage(EV(e, PHASE));
    event_parse_reply(e);
}

/* What a system filter did with the whole message, whoever it was for. */
static void
finish_whole(struct event *e)
{
    e->result = str_eq(EV(e, ACTION), S("fail")) ? RESULT_BOUNCED : RESULT_DEFERRED;
    EV(e, ACTION) = (str){ 0 };
}

static void
finish_attempt(const struct exim_part *part, struct event *e)
{
    if (str_eq(part->kind, S("message"))) {
        finish_whole(e);
        return;
    }
    if (str_eq(part->kind, S("=>")))
        finish_delivery(part, e);
    else
        finish_failure(part, e);
    if (str_ieq(EV(e, ORIG_RECIPIENT), EV(e, RECIPIENT)))
        EV(e, ORIG_RECIPIENT) = (str){ 0 };
}

static void
finish_refusal(const struct exim_part *part, struct event *e)
{
    if (EV(e, ACTION).n == 0)
        EV(e, ACTION) = str_starts(part->rest, S("temporarily ")) ? S("defer") : S("reject");
    if (e->stage == STAGE_UNKNOWN)
        e->stage = exim_phase_stage(EV(e, PHASE));
    if (EV(e, DETAIL).n) { /* items between address and reason */
        str items = EV(e, DETAIL);
        EV(e, DETAIL) = (str){ 0 };
        exim_items(items, EXIM_DIALOGUE, e);
    }
    if (e->flags & EVENT_LOST) {
        EV(e, REPLY) = part->rest;
        return;
    }
    event_parse_reply(e);
}

/* A host that was tried in vain: no recipient's result yet.  The items stood before, as if of a client. */
static void
finish_tried(const struct exim_part *part, struct event *e)
{
    if (EV(e, RELAY_IP).n == 0) {
        EV(e, RELAY_NAME) = EV(e, CLIENT_NAME);
        EV(e, RELAY_IP) = EV(e, CLIENT_IP);
        EV(e, RELAY_PORT) = EV(e, CLIENT_PORT);
        EV(e, CLIENT_NAME) = EV(e, CLIENT_IP) = EV(e, CLIENT_PORT) = (str){ 0 };
    }
    if (EV(e, REPLY).n == 0)
        EV(e, REPLY) = part->rest;
    exim_remote_reply(e);
    event_parse_reply(e);
}

/* RFC 8601 words for the outcomes that Exim's DKIM code names in its own. */
static void
finish_auth(struct event *e)
{
    static const struct {
        str said, result;
    } words[] = {
        { S("verification succeeded"), S("pass") }, { S("verification failed"), S("fail") },
        { S("failed key import"), S("permerror") }, { S("not verified"), S("none") },
        { S("invalid"), S("permerror") },
    };
    EV(e, ENGINE) = S("exim");
    if (strcmp(e->row, "dmarc") == 0) { /* aligned or not, by what Exim found of SPF and DKIM */
        bool aligned = str_eq(EV(e, DETAIL), S("yes")) || str_eq(EV(e, RESULT), S("yes"));
        bool failed = str_has(EV(e, REASON), S("Error")) || str_has(EV(e, REASON), S("No From"));
        EV(e, METHOD) = S("dmarc");
        EV(e, RESULT) = failed ? S("temperror") : aligned ? S("pass") : S("fail");
        EV(e, DETAIL) = (str){ 0 };
        return;
    }
    EV(e, METHOD) = S("dkim");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(EV(e, RESULT), words[i].said)) {
            if (EV(e, REASON).n == 0 && i >= 2)
                EV(e, REASON) = EV(e, RESULT);
            EV(e, RESULT) = words[i].result;
            return;
        }
}

/* A line of no row.  What decides about a message bears a flag, or says that it rejects or discards; the rest is
 * the server's own trouble or an ACL's logwrite, in whatever words. */
static void
finish_unknown(const struct exim_part *part, str line, struct event *e)
{
    static const str deciding[] = { S("rejected"), S("refused"), S("discarded"), S("denied"),
                                    S("abandoned") };
    str text = part->rest;
    bool cut_host = str_eq(part->kind, S("host")) && str_has(line, S("H=")) && !str_has(line, S("]"));
    bool broken = str_trim(text).n == 0 || str_has(text, S("Completed")) ||
                  (text.n > 2 && text.p[1] == ' ') || cut_host;
    bool decides = part->flag.n > 0 || str_eq(part->kind, S("header")) || broken;
    for (size_t i = 0; !decides && i < sizeof deciding / sizeof *deciding; i++)
        decides = str_has(part->rest, deciding[i]);
    e->kind = decides ? EVENT_REJECT : EVENT_IGNORED;
    e->why = str_eq(part->kind, S("header"))  ? "no time stamp"
             : decides                        ? "not a known Exim line"
             : str_eq(part->kind, S("words")) ? "trouble of Exim itself"
                                              : "a note beside a message";
}

static void
exim_parse(const struct line *line, struct event *e)
{
    static struct log_table *table;
    if (table == NULL) {
        size_t n;
        const struct log_row *rows = exim_rows(&n);
        table = log_table_new(rows, n);
    }
    if (line->text.n > TEXT_MAX) {
        e->kind = EVENT_REJECT;
        e->why = "longer than any Exim line";
        return;
    }
    exim_items_reset();
    struct exim_part part = exim_cut(line, e);
    EV(e, QUEUE_ID) = part.id;
    if (!log_table_match(table, part.kind, part.rest, e)) {
        finish_unknown(&part, line->text, e);
        return;
    }
    switch (e->kind) {
    case EVENT_ARRIVAL: finish_arrival(&part, e); break;
    case EVENT_ATTEMPT: finish_attempt(&part, e); break;
    case EVENT_REFUSAL: finish_refusal(&part, e); break;
    case EVENT_AUTH: finish_auth(e); break;
    case EVENT_FILTER: EV(e, ENGINE) = S("sa-exim"); break;
    case EVENT_SESSION:
        if (e->flags & EVENT_TRIED)
            finish_tried(&part, e);
        break;
    case EVENT_REMOVAL: EV(e, DELAY) = exim_seconds(EV(e, DELAY)); break;
    default: break;
    }
}

static bool
exim_owns(str program)
{
    static const str names[] = { S("exim"), S("exim4"), S("exim-main"), S("exim-in"), S("exim-out") };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(program, names[i]))
            return true;
    return false;
}

/* Whether a dated line can only be Exim's: an id, or words that it alone writes. */
static bool
is_typical(str text)
{
    static const str starts[] = { S("Start queue run: pid="),
                                  S("End queue run: pid="),
                                  S("exim "),
                                  S("no host name found for IP address "),
                                  S("SMTP connection from "),
                                  S("unexpected disconnection while reading SMTP command "),
                                  S("cwd=") };
    if (id_exim_length(text))
        return true;
    if (is_dialogue(text))
        return str_has(text, S("] ")) && str_has(text, S(" rejected "));
    return str_starts_any(text, starts, sizeof starts / sizeof *starts) ||
           str_has(text, S(" authenticator failed for "));
}

/* A line of a reject log that shows a refused message: "P Received: ...", "\tby ...", "Envelope-to: ...". */
static bool
is_shown_header(str s)
{
    bool flagged =
        s.n > 2 && s.p[1] == ' ' && (s.p[0] == ' ' || s.p[0] == '*' || (s.p[0] >= 'A' && s.p[0] <= 'Z'));
    return s.n == 0 || s.p[0] == '\t' || s.p[0] == ' ' || flagged || str_starts(s, S("Envelope-")) ||
           str_starts(s, S("-----"));
}

/* Exim's own files: a head may begin within a line or a shown message; what else is not framed is not Exim's. */
static int
exim_recognise(str head, bool eof)
{
    str rest = head;
    for (int i = 0; i < RECOGNISE_LINES && rest.n; i++) {
        struct str_cut c = str_cut(rest, '\n');
        if (!c.found && !eof && i > 0)
            break;
        struct line line = { 0 };
        struct civil civil;
        bool zoned;
        int offset_s;
        if (exim_frame(c.head, &line, &civil, &zoned, &offset_s)) {
            if (is_typical(line.text))
                return 95;
        } else if (i > 0 && !is_shown_header(c.head)) {
            break;
        }
        rest = c.tail;
    }
    int sure = syslog_recognise(head, eof, exim_owns);
    return sure >= 90 ? sure : 0;
}

const struct format format_exim = {
    .name = "exim",
    .kind = "log",
    .description = "Exim main and reject logs, old and new message ids, also through syslog",
    .recognise = exim_recognise,
    .owns = exim_owns,
    .frame = exim_frame,
    .parse = exim_parse,
};
