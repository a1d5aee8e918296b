/* Cyrus IMAP: what lmtpd stored, what its Sieve did instead, and log-ins.
 *
 * Tags are "cyrus/lmtpunix" on Debian, "lmtpunix" elsewhere.  The auditlog lines repeat what others say and are ignored. */
#include "log_cyrus.h"

#include <inttypes.h>
#include <stdio.h>

#include "log_family.h"
#include "syslog.h"

#define MID "<?(?<message_id>[^\\s>]*)>?"

static const struct log_row rows[] = {
    { "delivered", "delivery", "^Delivered: ", "Delivered: " MID " to mailbox: (?<mailbox>.*)", EVENT_FILING,
      0, 0, "stored" },
    { "delivered.session", "delivery", "^Delivered: sessionid=", /* 3.12 on */
      "Delivered: sessionid=<[^>]*> action=<(?<detail>[^>]*)> target=<[^>]*> messageid=" MID
      " userid=<(?<user>[^>]*)> mailbox=<(?<mailbox>[^>]*)> uniqueid=<.*",
      EVENT_FILING, 0, 0, "stored" },
    { "duplicate", "delivery", "^dupelim: ",
      "dupelim: eliminated duplicate message to (?<mailbox>.*?) id " MID
      "(?: date .*)?(?: \\((?<reply>[^)]*)\\))?",
      EVENT_FILING, 0, 0, "discarded" },
    { "redirected", "delivery", "^sieve redirected: ",
      "sieve redirected: " MID "(?: to: <?(?<recipient>[^>]*)>?)?", EVENT_FILING, 0, 0, "forwarded" },
    { "discarded", "delivery", "^sieve discarded: ", "sieve discarded: " MID, EVENT_FILING, 0, 0,
      "discarded" },
    { "rejected", "delivery", "^sieve rejected: ", "sieve rejected: " MID "(?: to: <?(?<mail_from>[^>]*)>?)?",
      EVENT_FILING, 0, 0, "rejected" },
    { "rejected.lmtp", "delivery", "^sieve LMTP rejected: ", "sieve LMTP rejected: " MID, EVENT_FILING, 0, 0,
      "rejected" },
    { "rejected.null", "delivery", "^sieve: discarded reject to <>",
      "sieve: discarded reject to <> for (?<user>\\S+) id " MID, EVENT_FILING, 0, 0, "discarded" },
    { "vacation", "delivery", "^sieve vacation",
      "sieve vacation(?: sent)?: " MID "(?: to: <?(?<recipient>[^>]*)>?)?", EVENT_FILING, 0, 0, "vacation" },
    { "verify", "delivery", "^verify_user(", "verify_user\\((?<mailbox>[^)]*)\\) failed: (?<reply>.*)",
      EVENT_FILING, 0, 0, "failed" },
    { "append", "delivery", "^append_check() of ", "append_check\\(\\) of '(?<mailbox>[^']*)' (?<reply>.*)",
      EVENT_FILING, 0, 0, "failed" },
    { "bookkeeping", "delivery", "",
      "(?:duplicate_(?:check|mark|log|prune)|mystore|mytxn|skiplist|twoskip|cyrusdb|seen_db|mupdate|auditlog|"
      "IOERROR|DBERROR|DBWARN|LOSTQUOTA|SIEVE|sieve(?! redirected: | discarded: | rejected: | LMTP rejected: "
      "| vacation|: discarded reject)|autosieve|autocreate|"
      "sieve_register|USAGE|Warning|WARNING|ERROR|Fatal|fatal|warning|error|notify|open: |telling master|"
      "connection from|accepted connection|connect from|lmtp connection|TLS |SSL|STARTTLS|starttls|"
      "\\[lmtpd\\]|process |executed|about to exec|login: |badlogin: |Connection|SASL|refreshing|unable|"
      "could not|can't|Could "
      "not|Can't|lmtpd|backend|proxy|append(?!_check)|index|mailbox|Mailbox|quota|Quota|annot|"
      "failed|skipping|recovering|checkpoint|idle|unlink|sched_deliver|iMIP|timed out|Internal|Spam|"
      "inittls|dropping|mboxlist|Created|created|no sieve|user |Deleted|masterconf|Socket|socket|"
      "client |shutting|entered).*",
      EVENT_IGNORED, 0, 0, "the server's own life" },
    { "badlogin", "reader", "badlogin: ",
      "badlogin: (?<client_name>[^\\s\\[]*) ?\\[(?<client_ip>[^\\]]*)\\] (?<method>\\S+)(?: "
      "(?<user>[^\\s\\[]+))? ?"
      "(?<detail>.*)",
      EVENT_SESSION, 0, 0, "auth-failure" },
    { "login", "reader", "^login: ",
      "login: (?<client_name>[^\\s\\[]*) ?\\[(?<client_ip>[^\\]]*)\\] (?<user>\\S+) "
      "(?<method>\\S+)(?<detail>.*)",
      EVENT_SESSION, 0, 0, "login" },
    { "reader", "reader", "", "(?!badlogin: .*\\[|login: .*\\[.*\\] \\S+ \\S).*", EVENT_IGNORED, 0, 0,
      "what a reader does in the mailbox" },
    { "server", "server", "", ".*", EVENT_IGNORED, 0, 0, "the server's own life" },
};

const struct log_row *
cyrus_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

static const char *const delivery[] = { "lmtp",    "lmtpd",    "lmtpunix",   "lmtps", "lmtptcp",
                                        "deliver", "lmtp_tcp", "lmtpproxyd", NULL };
static const char *const readers[] = { "imap",      "imaps", "imapd", "pop3", "pop3s", "pop3d", "sieve",
                                       "timsieved", "nntp",  "nntpd", "http", "https", "httpd", NULL };

str
cyrus_program(str tag)
{
    str tail = log_tag_tail(tag);
    return log_is_named(tail, delivery)  ? S("delivery")
           : log_is_named(tail, readers) ? S("reader")
                                         : S("server");
}

/* "user.jane.Junk", "user/jane/Junk@example.com", "example.com!user.jane": whose mailbox it is. */
static str
owner_of(str mailbox)
{
    size_t at = str_find(mailbox, S("user."));
    char separator = '.';
    if (at == STR_NONE) {
        at = str_find(mailbox, S("user/"));
        separator = '/';
    }
    if (at == STR_NONE || (at > 0 && mailbox.p[at - 1] != '!'))
        return (str){ 0 };
    return str_cut(str_skip(mailbox, at + 5), separator).head;
}

static bool
cyrus_owns(str program)
{
    /* Elsewhere than on Debian services bear no "cyrus/": their names are those of cyrus.conf. */
    static const char *const names[] = { "lmtpunix",     "lmtpd",        "lmtpproxyd",  "timsieved",
                                         "cyrus",        "cyrus-master", "cyr_expire",  "ctl_cyrusdb",
                                         "ctl_mboxlist", "cyrusmaster",  "cyr_deny",    "lmtp",
                                         "imap",         "imaps",        "pop3",        "pop3s",
                                         "sieve",        "squatter",     "sync_client", "sync_server",
                                         "ctl_deliver",  "tls_prune",    "mupdate",     NULL };
    return str_starts(program, S("cyrus/")) || log_is_named(program, names);
}

/* Replies name their session by it; lines say no more. */
static str
process_of(const struct line *line)
{
    static _Thread_local char digits[24];
    int n = line->pid > 0 ? snprintf(digits, sizeof digits, "%" PRId64, line->pid) : 0;
    return n > 0 ? str_of(digits, (size_t)n) : (str){ 0 };
}

static void
cyrus_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = cyrus_rows, .unknown = "not a known Cyrus line" };
    if (!log_family_match(&family, cyrus_program(line->program), line->text, e)) {
        log_ignore_own_life(e, str_has(line->text, S("<")) && str_has(line->text, S("@")));
        return;
    }
    if (e->kind == EVENT_FILING) {
        EV(e, SESSION) = process_of(line);
        if (EV(e, USER).n == 0)
            EV(e, USER) = owner_of(EV(e, MAILBOX));
        if (EV(e, MAIL_FROM).p)
            e->flags |= EVENT_HAS_MAIL_FROM;
        if (strcmp(e->row, "duplicate") == 0)
            EV(e, REPLY) = S("duplicate");
    } else if (e->kind == EVENT_SESSION) {
        EV(e, AUTH_USER) = EV(e, USER);
        EV(e, CLIENT_NAME) = (str){ 0 }; /* a reader, not a client of the MTA */
    }
}

static int
cyrus_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, cyrus_owns);
}

const struct format format_cyrus = {
    .name = "cyrus",
    .kind = "log",
    .description = "Cyrus IMAP: lmtpd, its Sieve, log-ins",
    .recognise = cyrus_recognise,
    .owns = cyrus_owns,
    .parse = cyrus_parse,
};
