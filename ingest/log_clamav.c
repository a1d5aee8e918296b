/* ClamAV: what clamd found and what clamav-milter says of messages; and MIMEDefang's decisions.
 *
 * clamd does not know messages, only files and streams; its finds are events without an id. */
#include "log_clamav.h"

#include "log_family.h"
#include "syslog.h"

static const struct log_row clamav[] = {
    { "found", "clamd", " FOUND", "(?<detail>.*): (?<tests>\\S.*?)(?:\\([0-9a-f]+:\\d+\\))? FOUND",
      EVENT_FILTER, 0, 0, "found" },
    { "life", "clamd", "", "(?!.* FOUND$).*", EVENT_IGNORED, 0, 0, "the scanner's own life" },
    { "milter.infected", "clamav-milter", " infected by ",
      "(?:Message|message) (?:(?<queue_id>[^\\s<]+) )?from <(?<mail_from>.*?)> to <(?<recipient>.*?)>"
      "(?: with subject '(?<subject>.*)' message-id '(?<message_id>.*)' date '.*')? infected by (?<tests>.*)",
      EVENT_FILTER, 0, 0, "infected" },
    { "milter.found", "clamav-milter", " FOUND", "(?:(?<queue_id>[^\\s:]+): )?(?:.*: )?(?<tests>\\S+) FOUND",
      EVENT_FILTER, 0, 0, "infected" },
    { "milter.clean", "clamav-milter", "lean message ",
      "(?:(?<queue_id>[^\\s:]+): )?[Cc]lean message (?:(?<queue_id>[^\\s<]+) )?from <(?<mail_from>.*?)>"
      "(?: to <(?<recipient>.*?)>)?(?: with subject '(?<subject>.*)' message-id '(?<message_id>.*)' date "
      "'.*')?",
      EVENT_FILTER, 0, 0, "clean" },
    { "milter.life", "clamav-milter", "", "(?!.*(?: infected by |[Cc]lean message .*from <| FOUND$)).*",
      EVENT_IGNORED, 0, 0, "the milter's own life" },
    { "freshclam", "freshclam", "", ".*", EVENT_IGNORED, 0, 0, "signature updates" },
};

/* graphdefang lines: "MDLOG,queue id,event,value 1,value 2,<sender>,<recipient>,subject" */
static const struct log_row mimedefang[] = {
    { "mdlog", "*", "MDLOG,",
      "(?:[^\\s:,]+: "
      ")?MDLOG,(?<queue_id>[^,]*),(?<action>[^,]*),(?<reason>[^,]*),(?<detail>[^,]*),<?(?<mail_from>[^,]*?)>?"
      ","
      "<?(?<recipient>[^,]*?)>?,(?<subject>.*)",
      EVENT_FILTER, 0, 0, NULL },
    { "instructed", "*", " because filter instructed us to",
      "(?<queue_id>[^\\s:]+): (?<action>Bouncing|Discarding|Tempfailing) because filter instructed us to",
      EVENT_FILTER, 0, 0, NULL },
    { "virus", "*", "^Discarding because of virus ", "Discarding because of virus (?<tests>.*)", EVENT_FILTER,
      0, 0, "discard" },
    { "life", "*", "",
      "(?!(?:[^\\s:,]+: )?MDLOG,[^,]*,[^,]*,)(?!.* because filter instructed us to$)(?!Discarding because of "
      "virus ).*",
      EVENT_IGNORED, 0, 0, "the filter's own life" },
};

const struct log_row *
clamav_rows(size_t *n)
{
    *n = sizeof clamav / sizeof *clamav;
    return clamav;
}

const struct log_row *
mimedefang_rows(size_t *n)
{
    *n = sizeof mimedefang / sizeof *mimedefang;
    return mimedefang;
}

static void
take_sender(struct event *e)
{
    str from = EV(e, MAIL_FROM);
    if (from.p)
        e->flags |= EVENT_HAS_MAIL_FROM;
    if (from.n > 1 && from.p[0] == '<' && from.p[from.n - 1] == '>')
        EV(e, MAIL_FROM) = str_of(from.p + 1, from.n - 2);
}

static void
finish_clamav(struct event *e)
{
    str id = EV(e, MESSAGE_ID);
    EV(e, ENGINE) = S("ClamAV");
    EV(e, RESULT) = str_eq(EV(e, ACTION), S("clean")) ? S("clean") : S("virus");
    EV(e, MESSAGE_ID) = str_unwrap(id, '<', '>').n ? str_unwrap(id, '<', '>') : id;
    take_sender(e);
}

static void
finish_mimedefang(struct event *e)
{
    static const struct {
        const char *said, *action;
    } words[] = { { "Bouncing", "reject" }, { "Discarding", "discard" }, { "Tempfailing", "defer" } };
    EV(e, ENGINE) = S("MIMEDefang");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(EV(e, ACTION), str_from(words[i].said)))
            EV(e, ACTION) = str_from(words[i].action);
    double score;
    if (str_eq(EV(e, ACTION), S("spam"))) {
        EV(e, RESULT) = S("spam");
        if (EV(e, REASON).n < 30 && str_to_double(EV(e, REASON), &score))
            EV(e, SCORE) = EV(e, REASON);
    } else if (str_eq(EV(e, ACTION), S("virus")) || EV(e, TESTS).n) {
        EV(e, RESULT) = S("virus");
        if (EV(e, TESTS).n == 0)
            EV(e, TESTS) = EV(e, REASON);
    }
    take_sender(e);
}

str
clamav_program(str tag)
{
    static const char *const milters[] = { "clamav-milter", "clamav_milter", NULL };
    static const char *const updaters[] = { "freshclam", "clamav-freshclam", NULL };
    str tail = log_tag_tail(tag);
    return log_is_named(tail, milters)    ? S("clamav-milter")
           : log_is_named(tail, updaters) ? S("freshclam")
                                          : S("clamd");
}

static bool
clamav_owns(str program)
{
    static const char *const names[] = { "clamd",      "clamav-milter",    "clamav_milter",
                                         "clamd.scan", "clamd@scan",       "clamav-daemon",
                                         "freshclam",  "clamav-freshclam", "clamav",
                                         NULL };
    return log_is_named(log_tag_tail(program), names);
}

/* Own files of the three: "Sun Nov 22 10:00:00 2026 -> text".  Which of them it is, the text tells. */
bool
clamav_frame(str whole, struct line *out, struct civil *civil, bool *zoned, int *offset_s)
{
    size_t n = log_ctime(whole, civil);
    str rest = str_skip(whole, n);
    if (n == 0 || !str_starts(rest, S(" -> ")))
        return false;
    str text = str_skip(rest, 4);
    static const str milter[] = { S("Message "), S("Clean message "), S("Clean_message ") };
    out->whole = whole;
    out->program =
        str_starts_any(text, milter, sizeof milter / sizeof *milter) ? S("clamav-milter") : S("clamd");
    out->text = str_starts(text, S("^")) || str_starts(text, S("!")) || str_starts(text, S("*"))
                    ? str_skip(text, 1) /* warnings, errors and debugging */
                    : text;
    *zoned = false;
    *offset_s = 0;
    return true;
}

static void
clamav_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = clamav_rows, .unknown = "not a known ClamAV line" };
    if (line->at == WHEN_NONE && line->program.n == 0) {
        e->kind = EVENT_IGNORED;
        e->why = "the frame of a log";
        return;
    }
    if (e->program.n == 0)
        e->program = line->program;
    if (!log_family_match(&family, clamav_program(line->program), line->text, e)) {
        log_ignore_own_life(e, str_ends(line->text, S(" FOUND")) || str_has(line->text, S("infected")));
        return;
    }
    log_keep_queue_id(e);
    if (e->kind == EVENT_FILTER)
        finish_clamav(e);
}

static bool
is_own(str whole, const struct line *framed)
{
    (void)whole;
    return framed != NULL;
}

static int
clamav_recognise(str head, bool eof)
{
    enum { LINES = 20 };
    return syslog_recognise_own(head, eof, LINES, clamav_frame, is_own, clamav_owns);
}

static bool
mimedefang_owns(str program)
{
    static const char *const names[] = { "mimedefang", "mimedefang.pl", "mimedefang-multiplexor", NULL };
    return log_is_named(program, names);
}

static void
mimedefang_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = mimedefang_rows, .unknown = "not a known MIMEDefang line" };
    if (!log_family_match(&family, S("mimedefang"), line->text, e))
        return;
    log_keep_queue_id(e);
    if (e->kind == EVENT_FILTER)
        finish_mimedefang(e);
}

static int
mimedefang_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, mimedefang_owns);
}

const struct format format_clamav = {
    .name = "clamav",
    .kind = "log",
    .description = "ClamAV: clamd, clamav-milter, freshclam",
    .recognise = clamav_recognise,
    .owns = clamav_owns,
    .frame = clamav_frame,
    .parse = clamav_parse,
};

const struct format format_mimedefang = {
    .name = "mimedefang",
    .kind = "log",
    .description = "MIMEDefang, with the lines of md_graphdefang_log",
    .recognise = mimedefang_recognise,
    .owns = mimedefang_owns,
    .parse = mimedefang_parse,
};
