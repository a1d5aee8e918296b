/* msmtp, which hands a message to a server at once or tells its caller that it could not: a line per message.
 *
 * There is no queue and no id.  A message without an id could not be followed, so one is made of the line's time and
 * text ("msmtp-..."); what is said of the message is an arrival, an attempt per recipient, and a removal.  A failure is
 * final, whatever the server's code: msmtp does not try again.  The login that it used is not kept. */
#include "log_msmtp.h"

#include "log_family.h"
#include "stamp.h"
#include "syslog.h"

#define WHERE                                                                    \
    "host=(?<relay_name>\\S*) tls=(?:on|off) auth=(?:on|off)(?: user=" LOG_UPTO( \
        " ") ")? "                                                               \
             "from=(?<mail_from>\\S*) recipients=(?<recipient>\\S*)"
#define REPLY "(?: smtpstatus=(?<code>\\d+))?(?: smtpmsg='(?<reply>" LOG_UPTO("'") ")')?"

static const struct log_row rows[] = {
    { "sent", "*", " exitcode=EX_OK", WHERE "(?: mailsize=(?<size>\\d+))?" REPLY " exitcode=EX_OK",
      EVENT_ARRIVAL, EVENT_BIRTH | EVENT_HAS_MAIL_FROM | EVENT_NO_TLS, 0, NULL },
    { "failed", "*", " exitcode=",
      WHERE "(?: mailsize=\\d+)?" REPLY
            "(?: errormsg='(?<detail>" LOG_UPTO("'") ")')? exitcode=(?!EX_OK$)(?<status>\\S+)",
      EVENT_ARRIVAL, EVENT_BIRTH | EVENT_HAS_MAIL_FROM | EVENT_NO_TLS, 0, NULL },
};

const struct log_row *
msmtp_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

/* What is left to say of the line: its recipients, then the end.  Views point into the line. */
static _Thread_local struct {
    enum { NOTHING, RECIPIENTS, REMOVAL } next;
    const char *row;
    str id, relay, rest, reply, error, code;
    char words[2048];
} now;

/* "550-5.1.1 one\n550 5.1.1 two", with the two characters of C for a line end. */
static str
unfold(str reply)
{
    size_t n = 0;
    if (str_find_char(reply, '\\') == STR_NONE)
        return str_head(reply, sizeof now.words);
    for (size_t i = 0; i < reply.n && n < sizeof now.words; i++) {
        bool end = reply.p[i] == '\\' && i + 1 < reply.n && (reply.p[i + 1] == 'n' || reply.p[i + 1] == 'r');
        now.words[n++] = end ? ' ' : reply.p[i];
        i += end;
    }
    return str_of(now.words, n);
}

static bool
msmtp_owns(str program)
{
    return str_ieq(program, S("msmtp"));
}

static void
msmtp_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = msmtp_rows, .unknown = "not a known msmtp line" };
    now.next = NOTHING;
    if (e->program.n == 0)
        e->program = line->program;
    if (!log_family_match(&family, S("msmtp"), line->text, e))
        return;
    now.id = log_made_id("msmtp", e, 0);
    now.next = RECIPIENTS;
    now.row = e->row;
    now.relay = EV(e, RELAY_NAME);
    now.rest = EV(e, RECIPIENT);
    now.reply = unfold(EV(e, REPLY));
    now.error = EV(e, DETAIL);
    now.code = EV(e, CODE);
    EV(e, QUEUE_ID) = now.id;
    enum event_field attempts[] = { FIELD_RELAY_NAME, FIELD_RECIPIENT, FIELD_REPLY,
                                    FIELD_DETAIL,     FIELD_CODE,      FIELD_STATUS };
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
        e->field[attempts[i]] = (str){ 0 };
}

/* "recipient address bob@example.net not accepted by the server": the message went to nobody, but one was refused. */
static bool
another_was_refused(str recipient)
{
    static const str before = S("recipient address "), behind = S(" not accepted");
    if (!str_starts(now.error, before))
        return false;
    str refused = str_skip(now.error, before.n);
    return !str_eq(str_head(refused, str_find(refused, behind)), recipient);
}

static void
take_recipient(struct event *e, str recipient)
{
    bool other = another_was_refused(recipient);
    e->kind = EVENT_ATTEMPT;
    e->result = strcmp(now.row, "sent") == 0 ? RESULT_SENT : RESULT_BOUNCED;
    EV(e, RECIPIENT) = recipient;
    EV(e, RELAY_NAME) = now.relay;
    EV(e, REPLY) = other || now.reply.n == 0 ? now.error : now.reply;
    EV(e, CODE) = other ? (str){ 0 } : now.code;
    event_parse_reply(e);
}

static bool
msmtp_more(struct event *e)
{
    if (now.next == NOTHING)
        return false;
    e->row = now.row;
    EV(e, QUEUE_ID) = now.id;
    while (now.next == RECIPIENTS && now.rest.n) {
        struct str_cut c = str_cut(now.rest, ',');
        now.rest = c.tail;
        if (c.head.n == 0)
            continue;
        take_recipient(e, c.head);
        return true;
    }
    now.next = NOTHING;
    e->kind = EVENT_REMOVAL;
    e->flags |= EVENT_FINAL_REMOVAL;
    return true;
}

/* "msmtp:", "msmtp[12]:": through syslog; no form of a stamp ends so. */
static bool
ends_with_tag(str s)
{
    return s.n > 1 && s.p[s.n - 1] == ':' && (str_is_alpha(s.p[s.n - 2]) || s.p[s.n - 2] == ']');
}

bool
msmtp_frame(str whole, struct line *out, struct civil *civil, bool *zoned, int *offset_s)
{
    static const str forms[] = { S(""),
                                 S("%Y-%m-%d %H:%M:%S"),
                                 S("%Y-%m-%d %H:%M:%S %z"),
                                 S("%Y-%m-%dT%H:%M:%S%z"),
                                 S("%Y/%m/%d %H:%M:%S"),
                                 S("%d/%m/%Y %H:%M:%S"),
                                 S("%d.%m.%Y %H:%M:%S"),
                                 S("%a %b %e %H:%M:%S %Y"),
                                 S("%a, %d %b %Y %H:%M:%S %z"),
                                 S("%b %e %Y %H:%M:%S"),
                                 S("%Y%m%d %H:%M:%S"),
                                 S("%Y%m%d-%H%M%S"),
                                 S("%s") };
    enum { LONGEST = 40 };
    size_t at = str_find(str_head(whole, LONGEST + 6), S("host="));
    str stamp = str_trim(str_head(whole, at));
    if (at == STR_NONE || ends_with_tag(stamp) || !str_has(whole, S(" tls=o")) ||
        !str_has(whole, S(" exitcode=")))
        return false;
    static const char around[] = "[]";
    if (stamp.n > 2 && stamp.p[0] == around[0] && stamp.p[stamp.n - 1] == around[1])
        stamp = str_of(stamp.p + 1, stamp.n - 2);
    struct stamp_result r = { 0 };
    for (size_t i = 0; i < sizeof forms / sizeof *forms && !r.ok; i++)
        r = stamp_read(forms[i], stamp);
    if (!r.ok)
        return false;
    out->whole = whole;
    out->program = S("msmtp");
    out->text = str_skip(whole, at);
    *civil = r.civil;
    *zoned = r.zoned;
    *offset_s = r.offset_s;
    return true;
}

static int
msmtp_recognise(str head, bool eof)
{
    enum { LINES = 5 };
    return syslog_recognise_own(head, eof, LINES, msmtp_frame, NULL, msmtp_owns);
}

const struct format format_msmtp = {
    .name = "msmtp",
    .kind = "log",
    .description = "msmtp: its log file, or through syslog",
    .recognise = msmtp_recognise,
    .owns = msmtp_owns,
    .frame = msmtp_frame,
    .parse = msmtp_parse,
    .more = msmtp_more,
};
