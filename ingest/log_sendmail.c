/* Sendmail logs: cuts a line at its joints, finds its row, and finishes the event.
 *
 * Sendmail tells a message's sender when it has the message or drops it, never before; what it refuses on the
 * way it says first, without the client.  So refusals under an id are marked as waiting (EVENT_AWAITS) for the
 * sender's line, and the tracker fills in who it was.  A code that a remote said is often dropped from the
 * reply ("stat=Sent (Ok: queued as X)"); nothing is put in its place. */
#include "log_sendmail.h"

#include "log_sendmail_impl.h"
#include "log_sendmail_words.h"
#include "syslog.h"

enum {
    TEXT_MAX = 16384, /* many times what Sendmail gives to syslog at once */
    ID_MIN = 5,
    ID_MAX = 24,
};

static bool
sendmail_owns(str program)
{
    static const str names[] = { S("sendmail"),
                                 S("sm-mta"),
                                 S("sm-msp-queue"),
                                 S("sm-msp"),
                                 S("sm-queue"),
                                 S("sm-client"),
                                 S("sm-msp-client"),
                                 S("sendmail-msp"),
                                 S("sm-acceptingconnections"),
                                 S("sm-cm"),
                                 S("sendmail-mta"),
                                 S("sendmail-client"),
                                 S("sendmail-queue"),
                                 S("sendmail.sendmail"),
                                 S("sendmail-in"),
                                 S("sendmail-out"),
                                 S("sendmail8"),
                                 S("sm-mta-in"),
                                 S("sm-mta-out") };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(program, names[i]))
            return true;
    return false;
}

/* Joints ------------------------------------------------------------------------------------------- */

/* The id that starts a text, without what follows: letters and digits, at least one of these. */
static str
leading_id(str s)
{
    size_t n = 0, most = s.n > ID_MAX ? ID_MAX + 1 : s.n;
    bool numbered = false;
    for (; n < most; n++) {
        bool digit = str_is_digit(s.p[n]);
        if (!digit && !str_is_alpha(s.p[n]))
            break;
        numbered |= digit;
    }
    return n >= ID_MIN && n <= ID_MAX && numbered ? str_head(s, n) : (str){ 0 };
}

/* "[3]" behind an id: the third piece of a line too long for syslog. */
static str
skip_piece(str s, uint64_t *number)
{
    *number = 0;
    if (s.n == 0 || s.p[0] != '[')
        return s;
    struct str_number n = str_cut_number(str_skip(s, 1), 4);
    if (!n.ok || n.rest.n == 0 || n.rest.p[0] != ']')
        return s;
    *number = n.value;
    return str_skip(n.rest, 1);
}

static str
skip_solaris(str s)
{
    size_t end = str_starts(s, S("[ID ")) ? str_find(s, S("] ")) : STR_NONE;
    return end == STR_NONE ? s : str_skip(s, end + 2);
}

/* Behind the one blank that Sendmail puts there: a piece may begin with another. */
static str
behind_blank(str s)
{
    return str_starts(s, S(" ")) ? str_skip(s, 1) : s;
}

struct sendmail_part
sendmail_cut(str text)
{
    struct sendmail_part part = { .kind = S("daemon"), .rest = str_trim_left(skip_solaris(text)) };
    str none = S("NOQUEUE");
    str id = str_starts(part.rest, none) ? none : leading_id(part.rest);
    str after = id.n ? skip_piece(str_skip(part.rest, id.n), &part.piece) : part.rest;
    if (id.n == 0 || after.n == 0 || after.p[0] != ':')
        return part;
    part.rest = part.piece ? behind_blank(str_skip(after, 1)) : str_trim_left(str_skip(after, 1));
    if (!str_eq(id, none)) {
        part.id = id;
        part.kind = S("message");
    }
    if (part.piece > 1 || (part.piece == 1 && str_ends(part.rest, S(" ..."))))
        part.kind = S("piece");
    return part;
}

/* "a" of "<a>"; "IPv6:" is cut off an address. */
str
sendmail_unwrap(str s)
{
    s = str_trim(s);
    return s.n >= 2 && s.p[0] == '<' && s.p[s.n - 1] == '>' ? str_of(s.p + 1, s.n - 2) : s;
}

str
sendmail_bare_ip(str s)
{
    return str_istarts(s, S("IPv6:")) ? str_skip(s, 5) : s;
}

struct sendmail_peer
sendmail_peer(str relay)
{
    struct sendmail_peer peer = { 0 };
    str forged = S("(may be forged)");
    str s = str_trim(relay);
    if (str_ends(s, forged))
        s = str_trim_right(str_head(s, s.n - forged.n));
    size_t open = str_rfind_char(s, '[');
    peer.name = s;
    if (open != STR_NONE) {
        size_t close = str_find_char(str_skip(s, open), ']');
        peer.ip =
            sendmail_bare_ip(close == STR_NONE ? str_skip(s, open + 1) : str_of(s.p + open + 1, close - 1));
        peer.name = str_trim_right(str_head(s, open));
    }
    struct str_cut at = str_rcut(peer.name, '@');
    if (at.found) {
        peer.user = at.head;
        peer.name = at.tail;
    }
    if (peer.name.n && peer.name.p[0] == '[') /* "[192.0.2.1] [192.0.2.1]" */
        peer.name = (str){ 0 };
    while (peer.name.n && peer.name.p[peer.name.n - 1] == '.')
        peer.name.n--;
    return peer;
}

void
sendmail_set_client(struct event *e, struct sendmail_peer peer)
{
    EV(e, CLIENT_NAME) = peer.name;
    if (peer.ip.n)
        EV(e, CLIENT_IP) = peer.ip;
}

/* The rest ------------------------------------------------------------------------------------------ */

/* "DSN: User unknown", "sender notify: Warning: could not send message for past 4 hours". */
static void
finish_notice(struct event *e)
{
    str why = EV(e, REPLY);
    bool expired = str_starts(why, S("Cannot send message for ")) ||
                   str_starts(why, S("Message could not be delivered for ")) ||
                   str_ifind(why, S("delivery time (")) == 0;
    str type = S("bounce");
    if (str_starts(why, S("Warning: ")))
        type = S("delay");
    else if (str_starts(why, S("Return receipt")))
        type = S("success");
    EV(e, DETAIL) = EV(e, ACTION);
    EV(e, ACTION) = type;
    if (expired && str_eq(type, S("bounce")))
        e->flags |= EVENT_EXPIRED;
}

/* "OLD: NEW: clone: owner=...": one message in two envelopes, told under the first one's id. */
static void
finish_clone(struct event *e)
{
    if (EV(e, NEW_QUEUE_ID).n) {
        EV(e, ORIG_QUEUE_ID) = EV(e, QUEUE_ID);
        EV(e, QUEUE_ID) = EV(e, NEW_QUEUE_ID);
        EV(e, NEW_QUEUE_ID) = (str){ 0 };
    }
}

/* Before MAIL, the id is the session's; the tracker goes by the process. */
static void
finish_session(str rest, struct event *e)
{
    if (str_starts(str_from(e->row), S("session."))) {
        EV(e, SESSION) = EV(e, QUEUE_ID);
        EV(e, QUEUE_ID) = (str){ 0 };
    }
    if (EV(e, CLIENT_NAME).n)
        sendmail_set_client(e, sendmail_peer(EV(e, CLIENT_NAME)));
    if ((e->flags & EVENT_LOST) && EV(e, QUEUE_ID).n)
        e->flags |= EVENT_AWAITS;
    if (e->flags & EVENT_LOST)
        EV(e, REPLY) = rest;
    if ((e->flags & EVENT_LOST) &&
        (str_starts(str_from(e->row), S("lost.collect")) || str_eq(EV(e, PHASE), S("message collect"))))
        EV(e, PHASE) = S("DATA");
    if (e->flags & EVENT_TLS) {
        struct sendmail_peer peer = sendmail_peer(EV(e, DETAIL));
        bool out = str_eq(EV(e, PHASE), S("client"));
        e->field[out ? FIELD_RELAY_NAME : FIELD_CLIENT_NAME] = peer.name;
        e->field[out ? FIELD_RELAY_IP : FIELD_CLIENT_IP] = peer.ip;
        EV(e, DETAIL) = EV(e, PHASE) = (str){ 0 };
        e->flags |= out ? EVENT_TO_REMOTE : 0;
    }
}

static void
finish(str rest, struct event *e)
{
    switch (e->kind) {
    case EVENT_ARRIVAL:
        if (str_eq(EV(e, ACTION), S("clone")))
            finish_clone(e);
        else
            sendmail_from(rest, e);
        break;
    case EVENT_ATTEMPT: sendmail_to(rest, e); break;
    case EVENT_REFUSAL:
        if (str_eq(EV(e, ACTION), S("auth-failure"))) { /* no message yet */
            EV(e, SESSION) = EV(e, QUEUE_ID);
            EV(e, QUEUE_ID) = (str){ 0 };
        }
        sendmail_refusal(rest, e);
        break;
    case EVENT_NOTIFICATION: finish_notice(e); break;
    case EVENT_REMOVAL: EV(e, DELAY) = sendmail_seconds(EV(e, DELAY)); break;
    case EVENT_SESSION: finish_session(rest, e); break;
    case EVENT_FILTER:
        if (EV(e, ENGINE).n == 0)
            EV(e, ENGINE) = S("spamassassin");
        break;
    default: break;
    }
}

/* Whether a text that no row reads could tell what became of a message: the words in which Sendmail does. */
static bool
may_decide(str text)
{
    static const str words[] = { S("stat="),   S("dsn="),     S("from="),      S("to="),     S("eject"),
                                 S("iscard"),  S("tempfail"), S("quarantine"), S("ruleset"), S("denied"),
                                 S("refused"), S("DSN"),      S("nknown"),     S("bounce") };
    return str_has_any(text, words, sizeof words / sizeof *words);
}

static void
ignore_part(struct event *e)
{
    e->kind = EVENT_IGNORED;
    e->why = "a piece of what stands on several lines";
}

/* What a row has matched: the whole of it, or the beginning of a list whose equates have lines of their own. */
static void
take_matched(const struct line *line, const struct sendmail_part *part, struct event *e)
{
    bool begins = (e->kind == EVENT_ATTEMPT || e->kind == EVENT_ARRIVAL) && sendmail_begins_list(line, part);
    if (begins && e->kind == EVENT_ATTEMPT)
        ignore_part(e);
    else
        finish(part->rest, e);
}

/* Equates on a line of their own: true where they go on with a list. */
static bool
take_list(struct log_table *table, const struct line *line, struct sendmail_part *part, struct event *e)
{
    bool whole;
    if (!sendmail_goes_on(line, part, &whole))
        return false;
    if (whole && log_table_match(table, part->kind, part->rest, e))
        finish(part->rest, e);
    else
        ignore_part(e);
    return true;
}

static void
sendmail_parse(const struct line *line, struct event *e)
{
    static struct log_table *table;
    if (table == NULL) {
        size_t n;
        const struct log_row *rows = sendmail_rows(&n);
        table = log_table_new(rows, n);
    }
    if (line->text.n > TEXT_MAX) {
        e->kind = EVENT_REJECT;
        e->why = "longer than any Sendmail line";
        return;
    }
    struct sendmail_part part = sendmail_cut(line->text);
    if (part.piece)
        sendmail_join_pieces(line, &part);
    EV(e, QUEUE_ID) = part.id;
    if (log_table_match(table, part.kind, part.rest, e)) {
        take_matched(line, &part, e);
    } else if (take_list(table, line, &part, e)) {
        return;
    } else if ((!sendmail_words(part.rest) && may_decide(part.rest)) ||
               !log_table_match(table, S("words"), part.rest, e)) {
        e->kind = EVENT_REJECT;
        e->why = "not a known Sendmail line";
    }
}

static int
sendmail_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, sendmail_owns);
}

const struct format format_sendmail = {
    .name = "sendmail",
    .kind = "log",
    .description = "Sendmail, MTA and submission program, through syslog",
    .recognise = sendmail_recognise,
    .owns = sendmail_owns,
    .parse = sendmail_parse,
};
