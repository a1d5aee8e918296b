/* fetchmail, through syslog: what the server that it hands messages to refused, what its delivery agent failed at, and
 * log-ins at the mailboxes that it reads.
 *
 * Its lines name a message by its number in the mailbox alone, so what it fetched is seen at the next server.  Its own
 * log file has no times and is not read. */
#include "log_fetchmail.h"

#include "log_family.h"
#include "syslog.h"

static const struct log_row rows[] = {
    { "refused", "*", "MTP error: ", "(?:E?S|L)MTP error: (?<reply>(?<code>[45]\\d\\d)(?:[ -].*)?)",
      EVENT_REFUSAL, 0, STAGE_ENVELOPE, "reject" },
    { "agent", "*", "MDA ", "(?<reply>MDA (?:died of signal|returned nonzero status) \\d+.*)", EVENT_FILING,
      0, 0, "failed" },
    { "agent.pipe", "*", "riting to MDA: ", "(?<reply>(?:Error w|W)riting to MDA: .*)", EVENT_FILING, 0, 0,
      "failed" },
    { "login.failed", "*", "^Authorization failure on ", "Authorization failure on (?<auth_user>\\S+).*",
      EVENT_SESSION, 0, 0, "auth-failure" },
    { "read", "*", "", "(?:reading message |[Ss]kipping message |message )\\S+:\\d+.*", EVENT_IGNORED, 0, 0,
      "a message of a mailbox, known by its number alone" },
    { "life", "*", "",
      "(?!(?:E?S|L)MTP error: [45]\\d\\d(?:[ -]|$)|MDA (?:died of signal|returned nonzero status) "
      "\\d|(?:Error w|W)riting "
      "to MDA: |Authorization failure on \\S|(?:reading message |[Ss]kipping message |message )\\S+:\\d).*",
      EVENT_IGNORED, 0, 0, "the program's own life" },
};

const struct log_row *
fetchmail_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

static bool
fetchmail_owns(str program)
{
    return str_ieq(program, S("fetchmail"));
}

static void
fetchmail_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = fetchmail_rows, .unknown = "not a known fetchmail line" };
    if (log_family_match(&family, S("fetchmail"), line->text, e) && e->kind == EVENT_REFUSAL)
        event_parse_reply(e);
}

static int
fetchmail_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, fetchmail_owns);
}

const struct format format_fetchmail = {
    .name = "fetchmail",
    .kind = "log",
    .description = "fetchmail, through syslog: what the next server refused",
    .recognise = fetchmail_recognise,
    .owns = fetchmail_owns,
    .parse = fetchmail_parse,
};
