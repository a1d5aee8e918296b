/* SpamAssassin's spamd, spamass-milter before it, and spampd.
 *
 * A check takes two lines: "identified spam (score/required) for user:uid ..." has the exact score, and
 * "result: Y 12 - TESTS scantime=..,mid=<..>" the message.  Both are events; the process id joins them. */
#include "log_spamd.h"

#include "log_family.h"
#include "syslog.h"

static const struct log_row rows[] = {
    { "result", "spamd", "result: ",
      "(?:spamd: )?result: (?<result>\\S) +(?<score>-?[\\d.]+) - (?<tests>\\S*) ?(?<detail>scantime=.*)",
      EVENT_FILTER, 0, 0, "result" },
    { "verdict", "spamd", " (",
      "(?:spamd: )?(?<result>identified spam|clean message) \\((?<score>-?[\\d.]+)/(?<required>-?[\\d.]+)\\) "
      "for (?<user>.*):-?\\d+ in .*? seconds, (?<size>\\d+) bytes\\.?",
      EVENT_FILTER, 0, 0, "checked" },
    { "begin", "spamd", " message ", "(?:spamd: )?(?:processing|checking) message .*", EVENT_IGNORED, 0, 0,
      "a check begins" },
    { "skipped", "spamd", "skipped large message", "(?:spamd: )?(?<detail>skipped large message.*)",
      EVENT_IGNORED, 0, 0, "too large to be checked" },
    { "learned", "spamd", "Tell: ", "(?:spamd: )?Tell: .*", EVENT_IGNORED, 0, 0, "training" },
    /* "area: text", with the areas of Mail::SpamAssassin::Logger */
    { "life", "spamd", "",
      "(?!(?:spamd: )?(?:result: |identified spam \\(|clean message \\(|(?:processing|checking) message |"
      "skipped large message|Tell: ))"
      ".*",
      EVENT_IGNORED, 0, 0, "spamd's own life" },
    /* spampd, the proxy that calls SpamAssassin itself: recipients with blanks between them */
    { "spampd", "spampd", " bytes.",
      "(?<result>identified spam|clean message) (?:<(?<message_id>[^>]*)>|\\S+) "
      "\\((?<score>-?[\\d.]+)/(?<required>-?[\\d.]+)\\) from (?<mail_from>.*?) for (?<recipient>.*) in "
      "[\\d.]+ ?s, "
      "(?<size>\\d+) bytes\\..*",
      EVENT_FILTER, 0, 0, "checked" },
    { "spampd.life", "spampd", "", "(?!(?:identified spam|clean message) \\S+ \\(-?[\\d.]+/).*",
      EVENT_IGNORED, 0, 0, "the proxy's own life" },
    { "milter", "spamass-milter", "", ".*", EVENT_IGNORED, 0, 0,
      "the milter's own life; spamd tells the result" },
};

const struct log_row *
spamd_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

bool
spamd_frame(str whole, struct line *out, struct civil *civil, bool *zoned, int *offset_s)
{
    size_t n = log_ctime(whole, civil);
    str rest = str_skip(whole, n);
    if (n == 0 || !str_starts(rest, S(" [")))
        return false;
    struct str_number pid = str_cut_number(str_skip(rest, 2), 18);
    if (!pid.ok || !str_starts(pid.rest, S("] ")))
        return false;
    struct str_cut level = str_cut_str(str_skip(pid.rest, 2), S(": "));
    out->whole = whole;
    out->program = S("spamd");
    out->pid = (int64_t)pid.value;
    out->text = level.tail;
    *zoned = false;
    *offset_s = 0;
    return level.found;
}

/* "scantime=1.2,size=3,...,mid=<a@b>,..."; values hold no comma. */
static str
item(str list, str key)
{
    for (str rest = list; rest.n;) {
        struct str_cut c = str_cut(rest, ',');
        if (str_starts(c.head, key))
            return str_skip(c.head, key.n);
        rest = c.tail;
    }
    return (str){ 0 };
}

/* "<a@b> <c@d>" -> "a@b,c@d"; valid until the next call of the thread. */
static str
proxy_recipients(str list)
{
    static _Thread_local char buffer[4096];
    size_t n = 0;
    for (size_t i = 0; i < list.n && i < sizeof buffer; i++)
        if (list.p[i] != '<' && list.p[i] != '>')
            buffer[n++] = list.p[i] == ' ' ? ',' : list.p[i];
    return str_of(buffer, n);
}

static void
finish_proxy(struct event *e)
{
    str from = EV(e, MAIL_FROM);
    if (str_eq(from, S("(unknown)"))) {
        EV(e, MAIL_FROM) = (str){ 0 };
    } else {
        EV(e, MAIL_FROM) = str_starts(from, S("<")) ? str_unwrap(from, '<', '>') : from;
        e->flags |= EVENT_HAS_MAIL_FROM;
    }
    EV(e, RECIPIENT) =
        str_eq(EV(e, RECIPIENT), S("(unknown)")) ? (str){ 0 } : proxy_recipients(EV(e, RECIPIENT));
}

static void
finish_filter(struct event *e)
{
    str list = EV(e, DETAIL);
    EV(e, ENGINE) = S("SpamAssassin");
    bool spam = str_eq(EV(e, RESULT), S("Y")) || str_starts(EV(e, RESULT), S("identified"));
    EV(e, RESULT) = spam ? S("spam") : S("ham");
    EV(e, ACTION) = spam ? S("identified spam") : S("clean message");
    if (strcmp(e->row, "spampd") == 0)
        finish_proxy(e);
    if (list.n == 0)
        return;
    str mid = item(list, S("mid="));
    EV(e, MESSAGE_ID) = str_eq(mid, S("(unknown)")) ? (str){ 0 } : mid;
    if (mid.n > 2 && mid.p[0] == '<' && mid.p[mid.n - 1] == '>')
        EV(e, MESSAGE_ID) = str_of(mid.p + 1, mid.n - 2);
    EV(e, SIZE) = item(list, S("size="));
    EV(e, USER) = item(list, S("user="));
    EV(e, REQUIRED) = item(list, S("required_score="));
}

static str
program_of(const struct line *line)
{
    return str_ieq(line->program, S("spamass-milter")) ? S("spamass-milter")
           : str_ieq(line->program, S("spampd"))       ? S("spampd")
                                                       : S("spamd");
}

static bool
spamd_owns(str program)
{
    static const char *const names[] = { "spamd", "spamass-milter", "spamd child", "spampd", NULL };
    return log_is_named(program, names);
}

static void
spamd_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = spamd_rows, .unknown = "not a known line of spamd" };
    if (log_ignore_rest(line, e))
        return;
    if (e->program.n == 0)
        e->program = line->program.n ? line->program : S("spamd");
    if (e->pid == 0)
        e->pid = line->pid;
    if (!log_family_match(&family, program_of(line), line->text, e))
        return;
    if (e->kind == EVENT_FILTER)
        finish_filter(e);
}

static int
spamd_recognise(str head, bool eof)
{
    return syslog_recognise_own(head, eof, 1, spamd_frame, NULL, spamd_owns);
}

const struct format format_spamd = {
    .name = "spamd",
    .kind = "log",
    .description = "SpamAssassin's spamd, its own log or through syslog; spampd, spamass-milter",
    .recognise = spamd_recognise,
    .owns = spamd_owns,
    .frame = spamd_frame,
    .parse = spamd_parse,
};
