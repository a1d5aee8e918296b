/* MailScanner: takes messages out of a queue in which the MTA holds them, and puts them back under a new queue id.
 *
 * With Postfix it names a message by queue id and five digits of its own ("7BD5C1A0293.A2F3C"); the new id comes with
 * "Requeue:", and the MTA never says that the old one is gone.  With others the id stays. */
#include "log_mailscanner.h"

#include "log_family.h"
#include "syslog.h"

#define ID   "(?<queue_id>[A-Za-z0-9-]+)(?:\\.[0-9A-Fa-f]{5})?"
#define PAST "(?:deliver|forward)"
#define FATE "Spam Actions: message [^ ]+ actions are (?!.*" PAST ")"

static const struct log_row rows[] = {
    { "requeue", "*", "^Requeue: ",
      "Requeue: (?<orig_queue_id>[A-Za-z0-9-]+)(?:\\.[0-9A-Fa-f]{5})? to (?<queue_id>[A-Za-z0-9-]+)",
      EVENT_ARRIVAL, EVENT_BIRTH | EVENT_ACTIVE, 0, "requeue" },
    { "checked", "*", "^Message ",
      "Message " ID
      " from (?<client_ip>[^ ]+) \\((?<mail_from>[^)]*)\\)(?: to (?<domain>[^ ]+(?:, ?[^ ]+)*?))? "
      "is (?<result>not spam|spam)\\b(?:[^=]*?=(?<score>-?[\\d.]+), [^\\d,]*(?<required>-?[\\d.]+)(?:, "
      "(?<tests>.*))?)?"
      "(?:[^=]*)\\)?",
      EVENT_FILTER, 0, 0, "checked" },
    { "kept", "*",
      "^Spam Actions: ", "(?=" FATE ".*store)Spam Actions: message " ID " actions are (?<detail>.*)",
      EVENT_FILTER, 0, 0, "quarantine" },
    { "deleted", "*", "^Spam Actions: ",
      "(?=" FATE ")(?!.*store)Spam Actions: message " ID " actions are (?<detail>.*delete.*)", EVENT_FILTER,
      0, 0, "discard" },
    { "infected", "*", "^Infected message ", "Infected message " ID " came from (?<client_ip>.*)",
      EVENT_FILTER, 0, 0, "infected" },
    { "life", "*", "",
      "(?!Requeue: |Message [^ ]+ from [^ ]+ \\([^)]*\\)(?: to .*?)? is (?:not )?spam\\b|Infected message "
      ")(?!" FATE "(?=.*(?:store|delete))).*",
      EVENT_IGNORED, 0, 0, "a step of a check, or the scanner's own life" },
};

const struct log_row *
mailscanner_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

static void
finish_filter(struct event *e)
{
    EV(e, ENGINE) = S("MailScanner");
    EV(e, DOMAIN) = (str){ 0 };
    if (strcmp(e->row, "infected") == 0) {
        EV(e, RESULT) = S("virus");
        return;
    }
    if (strcmp(e->row, "checked") != 0) { /* of spam, not delivered */
        EV(e, RESULT) = S("spam");
        return;
    }
    EV(e, RESULT) = str_eq(EV(e, RESULT), S("spam")) ? S("spam") : S("ham");
    if (str_ends(EV(e, TESTS), S(")")))
        EV(e, TESTS).n--;
    e->flags |= EVENT_HAS_MAIL_FROM;
}

static bool
mailscanner_owns(str program)
{
    static const char *const names[] = { "MailScanner", "MailScanner-MS", NULL };
    return log_is_named(program, names);
}

static void
mailscanner_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = mailscanner_rows, .unknown = "not a known MailScanner line" };
    log_removal_forget();
    if (!log_family_match(&family, S("mailscanner"), line->text, e)) {
        log_ignore_own_life(e, false);
        return;
    }
    if (e->kind == EVENT_FILTER)
        finish_filter(e);
    else if (e->kind == EVENT_ARRIVAL && !str_eq(EV(e, QUEUE_ID), EV(e, ORIG_QUEUE_ID)))
        log_removal_follows(EV(e, ORIG_QUEUE_ID));
}

static int
mailscanner_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, mailscanner_owns);
}

const struct format format_mailscanner = {
    .name = "mailscanner",
    .kind = "log",
    .description = "MailScanner: new queue ids, and what it holds of messages",
    .recognise = mailscanner_recognise,
    .owns = mailscanner_owns,
    .parse = mailscanner_parse,
    .more = log_removal_more,
};
