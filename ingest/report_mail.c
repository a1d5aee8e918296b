/* The reports in a mail: attachments of any declared type, and text that holds one.
 *
 * The bytes decide, so what a part claims to be matters only where nothing can
 * be read from it: an attachment that should be a report is then rejected,
 * anything else is left alone. */
#include "mime.h"
#include "report.h"

struct walk {
    struct arena *arena;
    struct sink *sink;
    struct origin at;
    size_t found;
    bool failed;
};

/* "receiver!domain!begin!end.xml.gz" and what is near to it (RFC 9990, RFC 7489 7.2.1.1). */
static bool
is_report_name(str name)
{
    static const char *const ends[] = { ".xml", ".gz", ".zip", ".gzip" };
    size_t marks = 0;
    for (size_t i = 0; i < name.n; i++)
        marks += name.p[i] == '!';
    if (marks < 3 || str_ifind(name, S(".json")) != STR_NONE)
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (name.n > strlen(ends[i]) && str_ieq(str_skip(name, name.n - strlen(ends[i])), str_from(ends[i])))
            return true;
    return false;
}

/* Where XML begins in a text that may say something before it. */
static str
xml_in_text(const struct mime_part *part)
{
    str body = part->body;
    if (str_ieq(part->content_type, S("text/html")))
        return body;
    size_t root = str_ifind(body, S("<feedback"));
    if (root == STR_NONE)
        return body;
    size_t declaration = str_ifind(str_head(body, root), S("<?xml"));
    return str_skip(body, declaration != STR_NONE ? declaration : root);
}

static bool
each_part(void *ctx, const struct mime_part *part)
{
    struct walk *w = ctx;
    struct account before = *w->sink->account;
    str name = part->filename;
    enum report_result result = report_from_bytes(w->arena, part->body, name, w->at, w->sink);
    if (result == REPORT_NONE && xml_in_text(part).n < part->body.n)
        result = report_from_bytes(w->arena, xml_in_text(part), name, w->at, w->sink);
    if (result == REPORT_NONE && is_report_name(name)) {
        w->failed = !sink_reject(w->sink, 0, w->at, part->body, "attachment %.*s holds no report",
                                 PRSTR(str_head(name, 150)));
        w->sink->account->rejected = before.rejected; /* the bytes are the message's */
        w->found++;
    }
    w->failed |= result == REPORT_FAILED;
    w->found += result == REPORT_READ || result == REPORT_REJECTED;
    return !w->failed;
}

size_t
reports_from_message(struct arena *a, const struct message *m, const struct message_source *from,
                     struct sink *sink)
{
    struct walk w = { .arena = a, .sink = sink, .at = from->origin };
    mime_walk(a, m, each_part, &w);
    return w.found;
}
