/* waybill classify: SMTP replies in, one a line; their classes out, one object a line.
 *
 * Streams: what has been read is answered before more is waited for, so it can
 * stand in a pipe or be typed to.  Every line gets its object, also empty ones
 * and junk.  The rules are analyze/reply.h's. */
#include "cli.h"

#include <errno.h>
#include <unistd.h>

#include "buf.h"
#include "json.h"
#include "reply.h"

#define READ_SIZE     ((size_t)64 * 1024)
#define LINE_MAX_KEPT ((size_t)64 * 1024) /* the rest of a longer line is dropped */
#define HOST_MAX      255

static int run(struct cli *, int argc, char **argv);

const struct command command_classify = {
    .name = "classify",
    .arguments = "[options] < REPLIES",
    .summary = "say stage and reason of SMTP replies",
    .run = run,
    .help = "Reads replies from standard input, one a line, bare or in the words of the MTA that\n"
            "logged them; \"HOST<TAB>REPLY\" names the host that spoke.  Writes one JSON object a line:\n"
            "code, enhanced, stage, reason, provider, retryable, rule; null where not known.\n"
            "  --reply-rules FILE   rules of your own, before the built-in ones (waybill-rules(5))\n",
};

/* "host<TAB>reply", where what stands before the tab can be a host's name or address. */
static struct reply_context
read_line(str line)
{
    static const str allowed = S("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]");
    struct reply_context c = { .text = line };
    struct str_cut cut = str_cut(line, '\t');
    str host = str_trim(cut.head);
    if (!cut.found || host.n > HOST_MAX)
        return c;
    for (size_t i = 0; i < host.n; i++)
        if (str_find_char(allowed, host.p[i]) == STR_NONE)
            return c;
    c.host = host;
    c.text = cut.tail;
    return c;
}

static void
field(struct json *j, const char *key, str value)
{
    json_key(j, key);
    if (value.n > 0)
        json_str(j, value);
    else
        json_null(j);
}

static void
answer(struct buf *out, str line)
{
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    struct reply_context c = read_line(line);
    struct reply_class class = reply_classify(&c);
    struct reply_parts parts = reply_split(&c);
    struct json j = { .out = out };
    json_object(&j);
    json_key(&j, "code");
    if (parts.code != 0)
        json_int(&j, parts.code);
    else
        json_null(&j);
    field(&j, "enhanced", parts.enhanced);
    field(&j, "stage", stage_word(class.stage));
    field(&j, "reason", reason_word(class.reason));
    field(&j, "provider", str_from(class.provider));
    json_field_bool(&j, "retryable", class.retryable);
    field(&j, "rule", str_from(class.rule));
    json_end_object(&j);
    buf_char(out, '\n');
}

/* Answers the whole lines in in; what is left is the start of the next.  *drop: inside a line that
 * was too long and has been answered. */
static void
answer_lines(struct buf *in, struct buf *out, bool *drop, bool eof)
{
    str rest = buf_str(in);
    for (;;) {
        struct str_cut cut = str_cut(rest, '\n');
        if (!cut.found && !(eof && rest.n > 0) && rest.n <= LINE_MAX_KEPT)
            break;
        if (!*drop)
            answer(out, str_head(cut.head, LINE_MAX_KEPT));
        *drop = !cut.found;
        rest = cut.tail;
        if (!cut.found)
            break;
    }
    if (rest.n > 0)
        memmove(in->p, rest.p, rest.n);
    in->n = rest.n;
}

static int
run(struct cli *cli, int argc, char **argv)
{
    const char *rules = NULL;
    struct opt table[] = { { "reply-rules", 0, OPT_STRING, &rules }, { .name = NULL } };
    struct output to = { 0 };
    struct buf in = { 0 }, out = { 0 };
    struct diag d;
    bool drop = false, good = true;
    ssize_t got;
    int code;
    int n = opt_parse(&command_classify, table, argc, argv, &code);
    if (n < 0)
        return code;
    if (n > 0) {
        warn("classify takes no arguments (replies are read from standard input)");
        return EXIT_USAGE;
    }
    config_reply_rules(cli, rules);
    do {
        buf_reserve(&in, READ_SIZE);
        got = read(STDIN_FILENO, in.p + in.n, READ_SIZE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got > 0)
            in.n += (size_t)got;
        out.n = 0;
        answer_lines(&in, &out, &drop, got <= 0);
        good = out.n == 0 || output_write(&to, buf_str(&out), &d);
    } while (good && (got > 0 || (got < 0 && errno == EINTR)));
    buf_free(&in);
    buf_free(&out);
    if (!good)
        die_diag(&d);
    if (got < 0)
        die(EXIT_NO_INPUT, "cannot read standard input: %s", strerror(errno));
    return EXIT_FINE;
}
