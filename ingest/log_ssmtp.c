/* sSMTP, which hands a message to its mail hub at once: what it could not, and that it has sent one.
 *
 * It names a recipient only where the hub refused it, and no message: what it sent is known by sender, size and time
 * alone, under an id made of the line ("ssmtp-..."). */
#include "log_ssmtp.h"

#include "log_family.h"
#include "syslog.h"

static const struct log_row rows[] = {
    { "sent", "*", "^Sent mail for ",
      "Sent mail for (?<mail_from>.*) \\((?<reply>.*)\\)(?: uid=(?<uid>\\d+) username=(?<user>.*) "
      "outbytes=(?<size>\\d+))?",
      EVENT_ARRIVAL, EVENT_BIRTH | EVENT_HAS_MAIL_FROM | EVENT_NO_TLS, 0, NULL },
    { "recipient", "*", "^RCPT TO:<", "RCPT TO: ?<(?<recipient>.*?)> \\((?<reply>.*)\\)", EVENT_REFUSAL, 0,
      STAGE_ENVELOPE, "reject" },
    { "sender", "*", "^MAIL FROM:<", "MAIL FROM: ?<(?<mail_from>.*?)> \\((?<reply>.*)\\)", EVENT_REFUSAL,
      EVENT_HAS_MAIL_FROM, STAGE_ENVELOPE, "reject" },
    { "login", "*", "^Authorization failed", "Authorization failed \\((?<reply>.*)\\)", EVENT_REFUSAL, 0,
      STAGE_SUBMISSION, "reject" },
    { "connect", "*", "",
      "(?<reply>Unable to (?:connect to \"|locate )\\S+.*|Invalid response SMTP server.*)", EVENT_REFUSAL, 0,
      STAGE_CONNECT, "reject" },
    { "refused", "*", "", "(?<reply>[45]\\d\\d(?:[ -].*)?)", EVENT_REFUSAL, 0, STAGE_DATA, "reject" },
    { "life", "*", "",
      "(?!Sent mail for .* \\(.*\\)|RCPT TO: ?<.*> \\(|MAIL FROM: ?<.*> \\(|Authorization failed \\(|Unable "
      "to (?:connect "
      "to \"|locate )|Invalid response SMTP server|[45]\\d\\d(?:[ -]|$)).*",
      EVENT_IGNORED, 0, 0, "the program's own life" },
};

const struct log_row *
ssmtp_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

/* What is left to say of a message that was sent. */
static _Thread_local struct {
    enum { NOTHING, ATTEMPT, REMOVAL } next;
    str id, reply;
} now;

static bool
ssmtp_owns(str program)
{
    return str_ieq(program, S("sSMTP"));
}

static void
take_sent(struct event *e)
{
    now.id = log_made_id("ssmtp", e, (uint64_t)e->pid);
    now.next = ATTEMPT;
    now.reply = EV(e, REPLY);
    EV(e, REPLY) = (str){ 0 };
    EV(e, QUEUE_ID) = now.id;
}

static void
ssmtp_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = ssmtp_rows, .unknown = "not a known sSMTP line" };
    now.next = NOTHING;
    if (!log_family_match(&family, S("sSMTP"), line->text, e))
        return;
    if (e->kind == EVENT_REFUSAL) {
        if (str_starts(EV(e, REPLY), S("Unable to locate ")))
            e->stage = STAGE_DNS;
        event_parse_reply(e);
    } else if (e->kind == EVENT_ARRIVAL) {
        take_sent(e);
    }
}

static bool
ssmtp_more(struct event *e)
{
    if (now.next == NOTHING)
        return false;
    EV(e, QUEUE_ID) = now.id;
    e->row = "sent";
    if (now.next == ATTEMPT) {
        now.next = REMOVAL;
        e->kind = EVENT_ATTEMPT;
        e->result = RESULT_SENT;
        EV(e, REPLY) = now.reply;
        event_parse_reply(e);
        return true;
    }
    now.next = NOTHING;
    e->kind = EVENT_REMOVAL;
    e->flags |= EVENT_FINAL_REMOVAL;
    return true;
}

static int
ssmtp_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, ssmtp_owns);
}

const struct format format_ssmtp = {
    .name = "ssmtp",
    .kind = "log",
    .description = "sSMTP",
    .recognise = ssmtp_recognise,
    .owns = ssmtp_owns,
    .parse = ssmtp_parse,
    .more = ssmtp_more,
};
