/* Rspamd: the one line in which a task tells its result; all others are steps on the way.
 *
 * The line's layout is configurable (log_format).  Read are the default of 1.x to 4.x, and others that have its parts
 * ("qid: <..>", "(default: F (no action): [1.2/15.0] [..])") in another order. */
#include "log_rspamd.h"

#include "log_family.h"
#include "syslog.h"

enum { RECOGNISE_LINES = 20 };

/* "<tag>; module; function: ", each part may be missing. */
#define HEAD "(?:\\([\\w-]+\\) )?(?:<[^>]*>; ?)?(?:[^;:]*; )?(?:[^;]*?: )?"

/* ".*?" and ".*" before a character, stepping from one to the next of these instead of by bytes. */
#define SHORTEST(c) "[^" c "]*+(?:[" c "][^" c "]*+)*?"
#define LONGEST(c)  "[^" c "]*+(?:[" c "][^" c "]*+)*"

static const struct log_row rows[] = {
    { "task", "*", " (default: ",
      HEAD
      "(?:id: <(?<message_id>[^>]*)>,? ?)?(?:qid: <(?<queue_id>[^>]*)>,? ?)?(?:ip: (?<client_ip>[^,]*), ?)?"
      "(?:user: (?<auth_user>[^,]*), ?)?(?:from: <(?<mail_from>" SHORTEST(">") ")>, ?)?" SHORTEST(
          "(") "\\(default: (?<result>[TFS]) \\((?<action>[^)]*)\\): "
               "\\[(?<score>[-+\\w.]+)/(?<required>[-+\\w.]+)\\](?: \\[(?<tests>" LONGEST(
                   "\\]") ")\\])?(?:\\)(?:, (?:len: "
                          "(?<size>\\d+), )?"
                          "(?<detail>.*))?|(?<reply> ?\\[?.*\\.\\.\\.))?",
      EVENT_FILTER, 0, 0, NULL },
    { "step", "*", "", "(?!" SHORTEST("(") "(?<= )\\(default: [TFS] \\().*", EVENT_IGNORED, 0, 0,
      "a step of a check, whose result is told once" },
};

const struct log_row *
rspamd_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

bool
rspamd_frame(str whole, struct line *out, struct civil *civil, bool *zoned, int *offset_s)
{
    struct when_result stamp = when_rfc3339(whole);
    if (!stamp.ok || stamp.rest.n < 3 || stamp.rest.p[0] != ' ')
        return false;
    str rest = str_skip(stamp.rest, 1);
    if (rest.p[0] == '[') { /* severity, where it is logged */
        struct str_cut c = str_cut(rest, ']');
        rest = str_trim_left(c.tail);
    }
    struct str_number pid = str_cut_number(str_after(rest, '#'), 18);
    if (!pid.ok || pid.rest.n == 0 || pid.rest.p[0] != '(')
        return false;
    struct str_cut worker = str_cut(pid.rest, ')');
    if (!worker.found)
        return false;
    out->whole = whole;
    out->program = S("rspamd");
    out->pid = (int64_t)pid.value;
    out->text = str_trim_left(worker.tail);
    *civil = stamp.civil;
    *zoned = stamp.zoned;
    *offset_s = stamp.offset_s;
    return true;
}

/* What is no value: "undef", "unknown", "nan". */
static void
drop(str *field)
{
    if (str_eq(*field, S("undef")) || str_eq(*field, S("unknown")) || str_eq(*field, S("nan")) ||
        str_eq(*field, S("inf")))
        *field = (str){ 0 };
}

/* What "key" introduces, behind a blank or a comma, up to end; {0} where it is not there. */
static str
item(str text, str key, char end)
{
    for (str rest = text; rest.n;) {
        size_t at = str_find(rest, key);
        if (at == STR_NONE)
            break;
        bool begins = rest.p + at == text.p || rest.p[at - 1] == ' ' || rest.p[at - 1] == ',';
        rest = str_skip(rest, at + key.n);
        struct str_cut value = str_cut(rest, end);
        if (begins && (value.found || end == ','))
            return value.head;
    }
    return (str){ 0 };
}

/* Of an operator's own layout: whatever the default's order did not bring, before the verdict or behind it. */
static void
take_items(struct event *e, str text)
{
    static const struct {
        enum event_field field;
        str key;
        char end;
    } keys[] = {
        { FIELD_MESSAGE_ID, S("id: <"), '>' },  { FIELD_QUEUE_ID, S("qid: <"), '>' },
        { FIELD_CLIENT_IP, S("ip: "), ',' },    { FIELD_AUTH_USER, S("user: "), ',' },
        { FIELD_MAIL_FROM, S("from: <"), '>' }, { FIELD_SIZE, S("len: "), ',' },
    };
    size_t verdict = str_find(text, S("(default: "));
    str before = str_head(text, verdict), behind = EV(e, DETAIL);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        str *field = &e->field[keys[i].field];
        if (field->p == NULL)
            *field = item(before, keys[i].key, keys[i].end);
        if (field->p == NULL)
            *field = item(behind, keys[i].key, keys[i].end);
        *field = str_trim(*field);
    }
}

static void
finish_filter(struct event *e, str text)
{
    take_items(e, text);
    EV(e, ENGINE) = S("rspamd");
    drop(&EV(e, MESSAGE_ID));
    drop(&EV(e, CLIENT_IP));
    drop(&EV(e, AUTH_USER));
    drop(&EV(e, SCORE));
    drop(&EV(e, REQUIRED));
    EV(e, RESULT) = str_eq(EV(e, RESULT), S("T"))   ? S("spam")
                    : str_eq(EV(e, RESULT), S("S")) ? S("skipped")
                                                    : S("ham");
    if (EV(e, MAIL_FROM).p)
        e->flags |= EVENT_HAS_MAIL_FROM;
    size_t at = str_find(EV(e, DETAIL), S("rcpts: <"));
    if (at != STR_NONE && (at == 0 || EV(e, DETAIL).p[at - 1] == ' ')) {
        str one = str_cut(str_skip(EV(e, DETAIL), at + 8), '>').head;
        if (!str_has(one, S(",")))
            EV(e, RECIPIENT) = one;
    }
    at = str_find(EV(e, DETAIL), S("forced: "));
    if (at != STR_NONE)
        EV(e, REASON) = str_skip(EV(e, DETAIL), at + 8);
}

/* log_json through syslog: {"ts": .., "module": "task", .., "message": "id: <..>, .."}; of a file's lines, frame_json
 * takes this off.  Without escapes; valid until the next call of the thread. */
static str
message_of(str text)
{
    static _Thread_local char bytes[LOG_TEXT_MAX];
    str key = S("\"message\": ");
    size_t at = str_find(text, key), n = 0;
    str quoted = str_skip(text, at == STR_NONE ? text.n : at + key.n);
    size_t length = str_quoted_length(quoted);
    if (length == 0 || length > sizeof bytes)
        return text;
    for (size_t i = 1; i + 1 < length; i++) {
        bool escape = quoted.p[i] == '\\' && i + 2 < length;
        i += escape;
        bool blank = escape && quoted.p[i] != '"' && quoted.p[i] != '\\'; /* \n and the like */
        bytes[n++] = blank ? ' ' : quoted.p[i];
    }
    return str_of(bytes, n);
}

static bool
rspamd_owns(str program)
{
    static const char *const names[] = { "rspamd", "rspamd_proxy", "rmilter", NULL };
    return log_is_named(program, names);
}

static void
rspamd_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = rspamd_rows, .unknown = "not a known Rspamd line" };
    if (log_ignore_rest(line, e))
        return;
    if (e->program.n == 0)
        e->program = S("rspamd");
    if (e->pid == 0)
        e->pid = line->pid;
    str text = str_starts(line->text, S("{\"ts\": ")) ? message_of(line->text) : line->text;
    if (!log_family_match(&family, S("rspamd"), text, e))
        return;
    if (e->kind == EVENT_FILTER)
        finish_filter(e, text);
    log_keep_queue_id(e);
}

static bool
is_own(str whole, const struct line *framed)
{
    (void)whole;
    return framed && (str_has(framed->text, S("; ")) || str_has(framed->text, S(": ")));
}

static int
rspamd_recognise(str head, bool eof)
{
    return syslog_recognise_own(head, eof, RECOGNISE_LINES, rspamd_frame, is_own, rspamd_owns);
}

const struct format format_rspamd = {
    .name = "rspamd",
    .kind = "log",
    .description = "Rspamd, its own log or through syslog",
    .recognise = rspamd_recognise,
    .owns = rspamd_owns,
    .frame = rspamd_frame,
    .parse = rspamd_parse,
};
