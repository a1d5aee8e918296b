/* Haraka logs: which lines are Haraka's, and who tells what they say.
 *
 * Plugins write what they like: their lines are counted as ignored. */
#include "log_haraka.h"

#include "syslog.h"

enum { RECOGNISE_LINES = 200, TEXT_MAX = 65536 };

static struct haraka_now line_now; /* the line that is being told */

static bool
is_origin(const struct haraka_now *now, const char *name)
{
    return str_eq(now->line.origin, str_from(name));
}

/* What it says before its plugins are there has a stamp and no more. */
static bool
is_startup(str s)
{
    static const str starts[] = { S("Starting up Haraka "), S("loglevel: "), S("invalid loglevel: "),
                                  S("log format: "), S("invalid log format: ") };
    return str_starts_any(s, starts, sizeof starts / sizeof *starts);
}

static void
haraka_parse(const struct line *line, struct event *e)
{
    struct haraka_now *now = &line_now;
    arena_reset(&now->arena);
    now->pending = now->accepted_here = false;
    now->next = 0;
    now->domain = now->reply = (str){ 0 };
    now->wanted = HARAKA_OPEN;
    if (is_startup(line->text)) {
        haraka_ignore(e, "what the server is busy with");
        return;
    }
    if (line->text.n > TEXT_MAX || !haraka_line_read(&now->line, line->text, &now->arena)) {
        e->kind = EVENT_REJECT;
        e->why = line->text.n > TEXT_MAX ? "longer than any Haraka line" : "not a known Haraka line";
        return;
    }
    now->queue_id = now->line.uuid;
    now->mail = haraka_mail_of(e->host, now->queue_id, false);
    if (str_eq(now->line.level, S("PROTOCOL")) || str_eq(now->line.level, S("DATA")) ||
        str_eq(now->line.level, S("DEBUG")))
        haraka_ignore(e, "the dialogue, word by word");
    else if (is_origin(now, "outbound") || is_origin(now, "outbound/hmail"))
        haraka_take_outbound(now, e);
    else if (is_origin(now, "core") || is_origin(now, "connection"))
        haraka_take_core(now, e);
    else
        haraka_take_plugin(now, e);
}

static bool
haraka_more(struct event *e)
{
    struct haraka_now *now = &line_now;
    if (!now->pending)
        return false;
    now->pending = haraka_take_recipient(now, e);
    return now->pending;
}

static void
haraka_begin(void)
{
    line_now.pending = false;
    haraka_memory_clear();
}

static bool
is_haraka_text(str s)
{
    if (str_starts(s, S("level=")))
        return str_has(s, S(" uuid=")) && str_has(s, S(" origin="));
    if (str_starts(s, S("{\"level\":")))
        return str_has(s, S("\"uuid\":")) && str_has(s, S("\"origin\":"));
    if (s.n < 8 || s.p[0] != '[')
        return false;
    size_t close = str_find_char(s, ']');
    str level = close == STR_NONE ? (str){ 0 } : str_of(s.p + 1, close - 1);
    for (size_t i = 0; i < level.n; i++)
        if (level.p[i] < 'A' || level.p[i] > 'Z')
            return false;
    return level.n >= 4 && str_starts(str_skip(s, close + 1), S(" ["));
}

/* Haraka's own stamp: new Date().toISOString(). */
static bool
haraka_frame(str whole, struct line *out, struct civil *civil, bool *zoned, int *offset_s)
{
    struct when_result stamp = when_rfc3339(whole);
    if (!stamp.ok || !stamp.zoned || stamp.rest.n < 2 || stamp.rest.p[0] != ' ' ||
        !(is_haraka_text(str_skip(stamp.rest, 1)) || is_startup(str_skip(stamp.rest, 1))))
        return false;
    *civil = stamp.civil;
    *zoned = true;
    *offset_s = stamp.offset_s;
    out->whole = whole;
    out->text = str_skip(stamp.rest, 1);
    return true;
}

static bool
haraka_owns(str program)
{
    return str_ieq(program, S("haraka"));
}

static bool
is_own(str whole, const struct line *framed)
{
    return framed || is_haraka_text(whole);
}

static int
haraka_recognise(str head, bool eof)
{
    return syslog_recognise_own(head, eof, RECOGNISE_LINES, haraka_frame, is_own, haraka_owns);
}

const struct format format_haraka = {
    .name = "haraka",
    .kind = "log",
    .description = "Haraka, default form, logfmt and JSON, with its own time stamps or in syslog",
    .recognise = haraka_recognise,
    .owns = haraka_owns,
    .frame = haraka_frame,
    .parse = haraka_parse,
    .begin = haraka_begin,
    .suspend = haraka_memory_suspend,
    .resume = haraka_memory_resume,
    .more = haraka_more,
};
