/* The format of DMARC aggregate reports: XML files, zip archives, gzip in gzip.
 *
 * common/source.c has taken off one layer of gzip already. */
#include "dmarc_xml.h"
#include "format.h"
#include "report.h"
#include "tnef.h"
#include "unzip.h"
#include "xml.h"

enum {
    LOOK_AT = 64 << 10,
    LOOK_FIRST = 512,
    LOOK_LATER = 4 << 10,
    SURE = 95,
    LIKELY = 60,
    DOUBTFUL = 40,
    MAX_OUTER = 3
};

/* What the first elements are called. */
struct look {
    int depth, at; /* at: depth at which feedback opens, 0: not seen */
    bool html;
};

static void
on_start(void *ctx, str name, const struct xml_attribute *attributes, size_t n)
{
    struct look *l = ctx;
    (void)attributes, (void)n;
    l->depth++;
    if (l->depth == 1 && str_ieq(xml_local(name), S("html")))
        l->html = true;
    if (l->at == 0 && l->depth <= MAX_OUTER &&
        (str_ieq(xml_local(name), S("feedback")) ||
         (l->depth > 1 && str_ieq(xml_local(name), S("report_metadata"))))) /* its root has another name */
        l->at = l->depth;
}

static void
on_end(void *ctx, str name)
{
    (void)name;
    ((struct look *)ctx)->depth--;
}

static void
on_text(void *ctx, str text)
{
    (void)ctx, (void)text;
}

static struct look
look_at(str head, size_t n, bool eof)
{
    static const struct xml_events events = { .start = on_start, .end = on_end, .text = on_text };
    struct look look = { 0 };
    struct xml *x = xml_new(&events, &look);
    xml_push(x, str_head(head, n), eof && head.n <= n);
    xml_free(x);
    return look;
}

/* A report behind some other text: header fields of HTTP or MIME, what was cut off, marks of quoting. */
static bool
begins_later(str head, bool eof)
{
    size_t root = str_ifind(str_head(head, LOOK_LATER), S("<feedback"));
    if (root == STR_NONE || memchr(head.p, '\0', root))
        return false;
    head = str_skip(head, root);
    return look_at(head, LOOK_AT, eof).at == 1 &&
           (str_ifind(head, S("<report_metadata")) != STR_NONE || str_ifind(head, S("<record")) != STR_NONE);
}

int
dmarc_recognise(str head, bool eof)
{
    static const char before[] = " \t\r\n\v\f\xef\xbb\xbf\xff\xfe"; /* blanks, NUL, byte order marks */
    size_t i = 0;
    while (i < head.n && (head.p[i] == '\0' || strchr(before, head.p[i])))
        i++;
    if (i == head.n || head.p[i] != '<')
        return begins_later(head, eof) ? DOUBTFUL : 0;
    struct look look = look_at(head, LOOK_FIRST, eof);
    if (look.at == 0 && !look.html && head.n > LOOK_FIRST)
        look = look_at(head, LOOK_AT, eof);
    return look.at == 1 ? SURE : look.at > 1 && !look.html ? DOUBTFUL : 0;
}

static int
recognise(str head, bool eof)
{
    if (unzip_recognise(head) || tnef_recognise(head) || str_starts(head, S("\x1f\x8b\x08")) ||
        report_slipped(head))
        return LIKELY;
    if (report_is_armoured(head) || report_closed_container(head))
        return DOUBTFUL;
    return dmarc_recognise(head, eof);
}

static bool
read_source(struct source *s, const struct ingest_options *options, struct sink *sink)
{
    (void)options;
    return report_read_source(s, sink);
}

const struct format format_dmarc = {
    .name = "dmarc",
    .kind = "report",
    .description = "DMARC aggregate reports: XML, in zip, tar, gzip or winmail.dat (RFC 9990, RFC 7489)",
    .recognise = recognise,
    .read = read_source,
};
