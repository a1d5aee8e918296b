/* The reports in a mail: attachments of any declared type, and text that holds one.
 *
 * The bytes decide, so what a part claims to be matters only where nothing can
 * be read from it: an attachment that should be a report is then rejected,
 * anything else is left alone. */
#include "arf.h"
#include "dsn_notice.h"
#include "dsn_read.h"
#include "message_read.h"
#include "report.h"
#include "tlsrpt_read.h"

struct walk {
    struct arena *arena;
    struct sink *sink;
    struct origin at;
    struct mime_part *parts; /* all leaves */
    size_t nparts, room;
    size_t found;
    bool is_mail; /* a notification or complaint in a mail that is attached as a file */
    const struct message *mail;
    bool announced; /* by the subject */
    bool in_dsn;    /* behind the status part of a notification, at that depth */
    int dsn_depth;
    bool failed;
};

/* "receiver!domain!begin!end.xml.gz" and what is near to it (RFC 9990, RFC 7489 7.2.1.1). */
static bool
is_report_name(str name)
{
    static const char *const ends[] = { ".xml", ".gz",  ".zip", ".gzip", ".json", ".7z",
                                        ".rar", ".tar", ".tgz", ".bz2",  ".xz",   ".zst" };
    size_t marks = 0;
    for (size_t i = 0; i < name.n; i++)
        marks += name.p[i] == '!';
    if (marks < 3)
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (name.n > strlen(ends[i]) && str_ieq(str_skip(name, name.n - strlen(ends[i])), str_from(ends[i])))
            return true;
    return false;
}

/* "Report Domain: example.com Submitter: receiver.example Report-ID: <1>" (RFC 9990, RFC 7489 7.2.1.1, RFC 8460 5.3). */
static bool
announces_report(str subject)
{
    return str_istarts(subject, S("Report Domain:")) && str_ifind(subject, S("Submitter:")) != STR_NONE;
}

/* A subject or name that speaks of them, in whatever words. */
static bool
speaks_of_reports(str s)
{
    return str_ifind(s, S("dmarc")) != STR_NONE || str_ifind(s, S("tlsrpt")) != STR_NONE ||
           str_ifind(s, S("tls-rpt")) != STR_NONE;
}

/* Where XML begins in a text that may say something before it; of HTML that shows it, what a reader sees. */
static str
xml_in_text(struct arena *a, const struct mime_part *part, str body)
{
    bool html = str_eq(part->content_type, S("text/html"));
    if (html && str_ifind(body, S("&lt;feedback")) == STR_NONE)
        return body;
    if (html)
        body = report_text(a, part);
    size_t root = str_ifind(body, S("<feedback"));
    if (root == STR_NONE)
        return body;
    size_t declaration = str_ifind(str_head(body, root), S("<?xml"));
    return str_skip(body, declaration != STR_NONE ? declaration : root);
}

/* Where JSON begins in such a text, up to its last brace. */
static str
json_in_text(const struct mime_part *part, str body)
{
    size_t open = str_find_char(body, '{'), close = str_rfind_char(body, '}');
    if (!str_starts(part->content_type, S("text/")) || open == STR_NONE || close == STR_NONE ||
        close < open || tlsrpt_recognise(str_skip(body, open)) == 0)
        return body;
    return str_skip(str_head(body, close + 1), open);
}

static bool
is_text(const struct mime_part *part)
{
    return part->content_type.n == 0 || str_eq(part->content_type, S("text/plain"));
}

/* A report of ours that came back is none that we were sent. */
static bool
is_returned(struct walk *w, const struct mime_part *part)
{
    bool status = str_eq(part->content_type, S("message/delivery-status")) ||
                  str_eq(part->content_type, S("message/global-delivery-status"));
    if (status && !w->in_dsn) {
        w->in_dsn = true;
        w->dsn_depth = part->depth;
    }
    return w->in_dsn && part->nested.n > 0 && part->depth > w->dsn_depth;
}

/* A mail attached as a file. */
static size_t
read_attached_mail(struct walk *w, const struct mime_part *part)
{
    enum { MAILS_DEEP = 3 };
    static _Thread_local int deep;
    bool file = part->filename.n > 4 && str_ieq(str_skip(part->filename, part->filename.n - 4), S(".eml"));
    if (!file && !str_eq(part->content_type, S("application/octet-stream")))
        return 0;
    if (w->in_dsn || deep == MAILS_DEEP || message_header_lines(part->body, true) < 3)
        return 0;
    struct account *account = w->sink->account;
    size_t before = account->not_reports;
    struct message_source from = { .stored_at = WHEN_NONE, .origin = w->at };
    struct message m;
    deep++;
    message_parse(&m, w->arena, part->body);
    struct reports_found inside = reports_from_message(w->arena, &m, &from, w->sink);
    deep--;
    w->is_mail |= inside.is_mail;
    account->not_reports = before;
    w->failed |= w->sink->diag.code != EXIT_FINE;
    return inside.n;
}

/* What it quotes may be our own mail that came back. */
static bool
is_from_machine(const struct walk *w)
{
    return dsn_sender_of(w->arena, w->mail) != DSN_NO_MACHINE;
}

/* What a part holds, in the ways in which it may hold it. */
static enum report_result
read_part(struct walk *w, const struct mime_part *part, str *why)
{
    enum { ARMOURED_MAX = 200 };
    str name = part->filename, bare;
    str text = is_text(part) ? report_unquoted(w->arena, part->body) : part->body;
    if (text.p != part->body.p && is_from_machine(w))
        text = part->body;
    str xml = xml_in_text(w->arena, part, text), json = json_in_text(part, text);
    enum report_result result = report_from_bytes(w->arena, text, name, w->at, w->sink, why);
    if (why->n > 0) /* a container: nothing else is looked for in its bytes */
        return result;
    if (result == REPORT_NONE && (xml.n != text.n || xml.p != text.p))
        result = report_from_bytes(w->arena, xml, name, w->at, w->sink, NULL);
    if (result == REPORT_NONE && json.n < text.n)
        result = report_from_bytes(w->arena, json, name, w->at, w->sink, NULL);
    if (result != REPORT_NONE || !is_text(part))
        return result;
    bool anywhere = report_holds_base64(text) && !is_from_machine(w);
    for (int i = 0; i < ARMOURED_MAX && result != REPORT_FAILED &&
                    (bare = report_unarmour(w->arena, &text, anywhere)).n > 0;
         i++) {
        enum report_result one = report_from_bytes(w->arena, bare, name, w->at, w->sink, NULL);
        w->found += result != REPORT_NONE && one != REPORT_NONE; /* beside the one that the caller counts */
        result = one == REPORT_NONE ? result : one;
    }
    return result;
}

/* Whether a part that holds nothing should hold a report, by what is said of it. */
static bool
should_be_report(const struct walk *w, const struct mime_part *part, str why)
{
    if (is_report_name(part->filename))
        return true;
    bool closed = why.n > 0 && !is_text(part);
    return closed &&
           (w->announced || speaks_of_reports(part->filename) || speaks_of_reports(w->mail->subject));
}

static bool
each_part(void *ctx, const struct mime_part *part)
{
    struct walk *w = ctx;
    struct account before = *w->sink->account;
    str name = part->filename, why = { 0 };
    ARENA_PUSH(w->arena, w->parts, w->nparts, w->room) = *part;
    if (is_returned(w, part))
        return true;
    size_t inside = read_attached_mail(w, part); /* first: a report may stand in it as it is */
    if (inside > 0 || w->failed) {
        w->found += inside;
        return !w->failed;
    }
    enum report_result result = read_part(w, part, &why);
    if (result == REPORT_NONE && should_be_report(w, part, why)) {
        bool says = str_starts(why, S("is "));
        w->failed =
            !sink_reject(w->sink, 0, w->at, part->body, "attachment %.*s%s%.*s", PRSTR(str_head(name, 150)),
                         says || why.n == 0 ? " " : ": ", PRSTR(why.n ? why : S("holds no report")));
        w->sink->account->rejected = before.rejected; /* the bytes are the message's */
        w->found++;
        w->sink->account->reports_rejected++;
        w->is_mail |= !is_report_name(name) && !w->announced;
    }
    w->failed |= result == REPORT_FAILED;
    w->found += result == REPORT_READ || result == REPORT_REJECTED;
    return !w->failed;
}

static void
classify(struct sink *sink, struct dsn *d)
{
    for (size_t i = 0; i < d->nrecipients && sink->classify; i++) {
        struct dsn_recipient *r = &d->recipients[i];
        if (r->action != DSN_FAILED && r->action != DSN_DELAYED)
            continue;
        struct reply_context c = {
            .host = r->remote_mta, .text = r->reply, .code = r->code, .enhanced = r->enhanced
        };
        r->class = sink->classify(&c);
    }
}

/* What the mail as a whole is. */
static void
read_mail(struct walk *w, const struct message *m, bool *is_mail)
{
    const struct report_parts parts = { m, w->parts, w->nparts };
    struct sink *sink = w->sink;
    struct feedback f;
    struct dsn d;
    for (size_t at = 0; !w->failed && feedback_from_parts(w->arena, &parts, &at, &f); w->found++) {
        f.origin = w->at;
        *is_mail |= !f.is_failure;
        account_record(sink->account, 0, f.at);
        w->failed |= sink->ops->feedback && !sink->ops->feedback(sink, &f);
    }
    if (w->found > 0)
        return;
    for (size_t at = 0; !w->failed && dsn_from_parts(w->arena, &parts, &at, &d); w->found++) {
        d.origin = w->at;
        *is_mail = true;
        classify(sink, &d);
        account_record(sink->account, 0, d.at);
        w->failed |= sink->ops->dsn && !sink->ops->dsn(sink, &d);
    }
}

struct reports_found
reports_from_message(struct arena *a, const struct message *m, const struct message_source *from,
                     struct sink *sink)
{
    struct walk w = {
        .arena = a,
        .sink = sink,
        .at = from->origin,
        .mail = m,
        .announced = announces_report(m->subject),
    };
    struct reports_found found = { 0 };
    mime_walk(a, m, each_part, &w);
    size_t attached = w.found;
    if (!w.failed && attached == 0)
        read_mail(&w, m, &found.is_mail);
    if (!w.failed && w.found == 0 && w.announced) {
        uint64_t before = sink->account->rejected;
        w.failed = !sink_reject(sink, 0, from->origin, m->subject,
                                "the subject announces a report, and none is in the mail");
        sink->account->rejected = before; /* the bytes are the message's */
        sink->account->reports_rejected++;
        w.found = attached = 1;
        found.is_mail = true;
    }
    found.is_mail |= w.is_mail;
    found.n = w.found;
    sink->account->reports += w.found - attached;
    sink->account->not_reports += w.found == 0;
    return found;
}
