/* Reports found by content, in whatever containers.
 *
 * Everything is a source: a file, a gzip stream inside another one, a member of
 * an archive; XML is read from its window and never held as a whole.  What the
 * XML means is dmarc_xml.c's business, mails are report_mail.c's. */
#include "report.h"

#include <errno.h>

#include "dmarc_xml.h"
#include "json_read.h"
#include "message_read.h"
#include "msg.h"
#include "tlsrpt_read.h"
#include "tnef.h"
#include "unzip.h"

/* What is the same for all levels of one reading. */
struct job {
    struct sink *sink;
    struct origin at; /* nested: of the outermost container */
    bool nested;      /* the bytes are accounted by someone else */
    bool failed;
    size_t read, partly, rejected;
    bool archive; /* a file of its own, whose mails are mail: not the attachment of one */
    size_t mails; /* in it, or attached as a .msg; they count what they carry by themselves */
};

enum { HEAD = 64 << 10 };

/* A reject that stands for the whole of something. */
static void
reject(struct job *j, struct origin at, str excerpt, str name, const char *why)
{
    struct account *a = j->sink->account;
    uint64_t before = a->rejected;
    bool good = sink_reject(j->sink, 0, j->nested ? j->at : at, excerpt, "%.*s%s%s",
                            PRSTR(str_head(name, 100)), name.n ? ": " : "", why);
    if (j->nested)
        a->rejected = before;
    j->failed |= !good;
    j->rejected++;
}

static void
count(const struct job *j)
{
    struct account *a = j->sink->account;
    a->reports += j->read;
    a->reports_partly += j->partly;
    a->reports_rejected += j->rejected;
}

static size_t
job_found(const struct job *j)
{
    return j->read + j->rejected + j->mails;
}

static bool
is_gzip(str s)
{
    return str_starts(s, S("\x1f\x8b\x08"));
}

/* An inflated stream has grown beyond all reason. */
static bool
is_bomb(const struct source *s)
{
    return s->compressed && s->offset > REPORT_RATIO_FROM &&
           (s->offset > REPORT_MAX_BYTES || s->offset / (s->raw_bytes + 1) > REPORT_RATIO);
}

/* Takes what follows without looking; returns how much it was. */
static uint64_t
drain(struct source *s)
{
    uint64_t from = s->offset;
    while (!is_bomb(s)) {
        source_take(s, s->window.n);
        if (s->eof || !source_more(s, NULL))
            break;
    }
    source_take(s, s->window.n);
    return s->offset - from;
}

/* One XML document from the window on. */
static void
read_xml(struct job *j, struct source *s)
{
    struct origin at = j->nested ? j->at : (struct origin){ s->offset, 0 };
    struct dmarc_xml *p = dmarc_xml_new(j->sink, at, j->nested);
    uint64_t rejects = j->sink->account->rejects;
    const char *damage = NULL;
    for (;;) {
        bool last = s->eof;
        size_t used = dmarc_xml_push(p, s->window, last);
        source_take(s, used);
        if (dmarc_xml_done(p) || dmarc_xml_failed(p) || last)
            break;
        if (is_bomb(s))
            damage = "it unpacks to more than the limit";
        else if (!source_more(s, &j->sink->diag))
            j->failed = true;
        if (damage || j->failed)
            break;
    }
    enum report_result result = dmarc_xml_finish(p, damage ? damage : s->eof ? s->damage : NULL);
    j->failed |= result == REPORT_FAILED;
    j->read += result == REPORT_READ;
    j->partly += result == REPORT_READ && j->sink->account->rejects > rejects;
    j->rejected += result == REPORT_REJECTED;
    dmarc_xml_free(p);
}

/* Blanks and NULs behind a document are nothing. */
static void
skip_padding(struct job *j, struct source *s)
{
    uint64_t from = s->offset;
    for (;;) {
        size_t n = 0;
        while (n < s->window.n && (str_is_space(s->window.p[n]) || s->window.p[n] == '\0'))
            n++;
        source_take(s, n);
        if (s->window.n > 0 || s->eof || is_bomb(s) || !source_more(s, NULL))
            break;
    }
    if (s->offset > from && !j->nested)
        account_ignore(j->sink->account, s->offset - from);
}

/* Documents one after the other; what follows the last is rejected. */
static void
read_documents(struct job *j, struct source *s)
{
    do {
        read_xml(j, s);
        skip_padding(j, s);
        source_want(s, HEAD, NULL);
    } while (!j->failed && s->window.n > 0 && !is_bomb(s) && dmarc_recognise(s->window, s->eof) > 0);
    bool bomb = is_bomb(s);
    if (j->failed || s->window.n == 0 || (bomb && j->nested))
        return;
    str shown = str_head(s->window, REJECT_EXCERPT);
    char excerpt[REJECT_EXCERPT];
    memcpy(excerpt, shown.p, shown.n);
    uint64_t from = s->offset, n = drain(s);
    size_t rejected = j->rejected;
    reject(j, (struct origin){ from, n }, str_of(excerpt, shown.n), (str){ 0 },
           bomb ? "it unpacks to more than the limit" : "junk follows the report");
    j->rejected = rejected; /* it is no report of its own */
}

/* What is wrong with a report that was read, after its good part of n bytes. */
static void
reject_rest(struct job *j, uint64_t from, size_t good, str text, const char *why)
{
    size_t rejected = j->rejected;
    struct origin rest = { from + good, text.n - good };
    if (!j->nested)
        j->sink->account->recorded -= rest.length;
    reject(j, rest, str_skip(text, good), S("the report is damaged"), why);
    j->rejected = rejected;
}

/* A TLS report, which is one JSON text, at an offset of the source. */
static void
read_tls_text(struct job *j, const struct source *s, str text, uint64_t offset, str name)
{
    struct arena a = { 0 };
    struct tls_report r;
    const char *why = NULL;
    size_t where = 0;
    struct origin at = { offset, text.n };
    if (!tlsrpt_parse(&a, text, &r, &why, &where)) {
        reject(j, at, text, name, why);
    } else {
        r.origin = j->nested ? j->at : at;
        account_record(j->sink->account, j->nested ? 0 : text.n, r.begin_at);
        j->failed |= j->sink->ops->tls_report && !j->sink->ops->tls_report(j->sink, &r);
        j->read++;
        if (s->damage && why == NULL && j->nested)
            why = s->damage;
        j->partly += why != NULL;
        if (why)
            reject_rest(j, offset, where < text.n ? where : text.n, text, why);
    }
    arena_free(&a);
}

/* The next of several texts, in an array or one after the other; empty at the end. */
static str
next_json(struct json_cut *cut, str *unread)
{
    struct json_piece p = json_cut(cut, *unread, true);
    str text = p.step == JSON_END ? (str){ 0 } : str_head(str_skip(*unread, p.skip), p.length);
    *unread = str_skip(*unread, p.skip + text.n);
    return text;
}

static void
read_tls(struct job *j, struct source *s, str name)
{
    uint64_t from = s->offset;
    if (!source_slurp(s, TLSRPT_MAX_BYTES, NULL)) {
        struct origin at = { from, j->nested ? 0 : drain(s) };
        reject(j, at, (str){ 0 }, name, "TLS report beyond the limit");
        return;
    }
    str whole = s->window, unread = whole, second = whole;
    struct json_cut cut = { 0 }, look = { 0 };
    next_json(&look, &second);
    if (tlsrpt_recognise(next_json(&look, &second)) == 0) {
        read_tls_text(j, s, whole, from, name);
    } else {
        uint64_t between = whole.n;
        for (str text; !j->failed && (text = next_json(&cut, &unread)).n > 0; between -= text.n)
            read_tls_text(j, s, text, from + (uint64_t)(text.p - whole.p), name);
        if (!j->nested)
            account_ignore(j->sink->account, between);
    }
    source_take(s, whole.n);
}

static void read_any(struct job *, struct source *, str name, int depth);

static ssize_t
read_window(void *ctx, char *p, size_t n)
{
    struct source *s = ctx;
    struct diag d = { 0 };
    if (s->window.n == 0 && !source_more(s, &d))
        return -1;
    n = n < s->window.n ? n : s->window.n;
    memcpy(p, s->window.p, n);
    source_take(s, n);
    return (ssize_t)n;
}

/* gzip inside what was inflated already. */
static void
read_gzip(struct job *j, struct source *s, str name, int depth)
{
    struct source inner;
    if (!source_open_reader(&inner, s->path, read_window, s, &j->sink->diag)) {
        j->failed = true;
        return;
    }
    size_t before = job_found(j);
    read_any(j, &inner, name, depth + 1);
    if (job_found(j) == before && !j->failed)
        reject(j, j->at, (str){ 0 }, name, "gzip that holds no report");
    source_close(&inner);
}

/* A mail in an archive, or a .msg attached to a mail. */
static void
read_mail(struct job *j, struct source *s, str name)
{
    enum { MAILS_DEEP = 2 };
    static _Thread_local int deep;
    struct arena a = { 0 };
    struct diag d = { 0 };
    struct message m;
    struct message_source from = { .stored_at = WHEN_NONE, .origin = j->at };
    const char *why = NULL;
    if (deep == MAILS_DEEP || !source_slurp(s, MESSAGE_MAX_BYTES, &d)) {
        reject(j, j->at, s->window, name,
               deep == MAILS_DEEP ? "mails nested too deep" : "mail beyond the limit");
        return;
    }
    str mime = msg_recognise(s->window) ? msg_to_mime(&a, s->window, &why) : s->window;
    struct account *account = j->sink->account, before = *account;
    deep++;
    if (mime.n > 0 && j->archive) {
        j->failed |= !message_ingest(&a, mime, &from, j->sink);
        j->mails++;
    } else if (mime.n > 0) {
        message_parse(&m, &a, mime);
        j->mails += reports_from_message(&a, &m, &from, j->sink).n > 0;
        j->failed |= j->sink->diag.code != EXIT_FINE;
        account->not_reports = before.not_reports; /* the mail that it is attached to counts */
    }
    deep--;
    account->recorded = before.recorded; /* the bytes are the container's */
    account->rejected = before.rejected;
    account->ignored = before.ignored;
    if (why && j->archive && !j->failed)
        reject(j, j->at, (str){ 0 }, name, why);
    arena_free(&a);
}

static void
read_members(struct job *j, str bytes, str name, int depth)
{
    struct diag d = { 0 };
    struct unzip *u = unzip_open(bytes, &d);
    str member;
    size_t before = job_found(j);
    if (u == NULL) {
        reject(j, j->at, bytes, name, d.text);
        return;
    }
    while (!j->failed && unzip_next(u, &member)) {
        struct source s;
        if (!source_open_reader(&s, "member", unzip_read, u, &d))
            continue;
        size_t found = job_found(j);
        read_any(j, &s, member, depth + 1);
        if (j->archive && job_found(j) == found && message_header_lines(s.window, s.eof) >= 3)
            read_mail(j, &s, member);
        source_close(&s);
    }
    if (unzip_damage(u) && !j->failed)
        reject(j, j->at, bytes, name, unzip_damage(u));
    else if (job_found(j) == before && !j->failed)
        reject(j, j->at, bytes, name, "archive that holds no report");
    unzip_close(u);
}

/* What Outlook packed into a winmail.dat. */
static void
read_tnef(struct job *j, struct source *s, str name, int depth)
{
    struct arena a = { 0 };
    struct tnef_file file;
    size_t before = job_found(j);
    if (!source_slurp(s, REPORT_MAX_ARCHIVE, NULL)) {
        reject(j, j->at, s->window, name, "winmail.dat beyond the limit");
        return;
    }
    struct tnef t = tnef_open(s->window);
    while (!j->failed && tnef_next(&t, &a, &file)) {
        struct source outer, inner;
        source_open_memory(&outer, "attachment", file.bytes);
        if (source_open_reader(&inner, "attachment", read_window, &outer, &j->sink->diag)) {
            size_t found = job_found(j);
            read_any(j, &inner, file.name, depth + 1);
            if (job_found(j) == found && message_header_lines(inner.window, inner.eof) >= 3)
                read_mail(j, &inner, file.name);
            source_close(&inner);
        } else {
            j->failed = true;
        }
        source_close(&outer);
    }
    if (t.damage && !j->failed && (j->archive || job_found(j) > before))
        reject(j, j->at, (str){ 0 }, name, t.damage);
    arena_free(&a);
}

static void
read_archive(struct job *j, struct source *s, str name, int depth)
{
    struct diag d = { 0 };
    if (source_slurp(s, REPORT_MAX_ARCHIVE, &d))
        read_members(j, s->window, name, depth);
    else
        reject(j, j->at, s->window, name, "archive beyond the limit");
}

/* What this is, by its first bytes.  Leaves bytes behind where it is nothing for us. */
static void
read_any(struct job *j, struct source *s, str name, int depth)
{
    if (!source_want(s, HEAD, &j->sink->diag)) {
        j->failed = true;
        return;
    }
    bool packed = is_gzip(s->window) || unzip_recognise(s->window) || tnef_recognise(s->window);
    if (packed && depth >= REPORT_MAX_DEPTH)
        reject(j, j->at, s->window, name, "containers nested too deep");
    else if (is_gzip(s->window))
        read_gzip(j, s, name, depth);
    else if (tnef_recognise(s->window))
        read_tnef(j, s, name, depth);
    else if (packed)
        read_archive(j, s, name, depth);
    else if (msg_recognise(s->window))
        read_mail(j, s, name);
    else if (dmarc_recognise(s->window, s->eof) > 0)
        read_documents(j, s);
    else if (tlsrpt_recognise(s->window) > 0)
        read_tls(j, s, name);
}

enum report_result
report_from_bytes(struct arena *a, str bytes, str name, struct origin at, struct sink *sink)
{
    (void)a;
    struct job j = { .sink = sink, .at = at, .nested = true };
    struct source outer, s;
    source_open_memory(&outer, "attachment", bytes);
    if (source_open_reader(&s, "attachment", read_window, &outer, &sink->diag)) {
        read_any(&j, &s, name, s.compressed ? 1 : 0);
        source_close(&s);
    } else {
        j.failed = true;
    }
    source_close(&outer);
    count(&j);
    if (j.failed)
        return REPORT_FAILED;
    return j.read + j.mails ? REPORT_READ : j.rejected ? REPORT_REJECTED : REPORT_NONE;
}

/* A container as a whole: its reports are nested, its bytes are settled here. */
static bool
read_container(struct source *s, struct sink *sink)
{
    struct job j = { .sink = sink, .nested = true, .archive = true };
    struct account *a = sink->account;
    uint64_t from = s->offset;
    if (source_slurp(s, REPORT_MAX_ARCHIVE, NULL)) /* else the length is known at the end only */
        j.at.length = s->window.n;
    read_any(&j, s, (str){ 0 }, 0);
    drain(s);
    if (j.failed)
        return false;
    if (j.read + j.mails > 0) {
        a->recorded += s->offset - from;
    } else if (j.rejected > 0) {
        a->rejected += s->offset - from;
    } else {
        j.nested = false;
        reject(&j, (struct origin){ from, s->offset - from }, (str){ 0 }, (str){ 0 }, "no report inside");
    }
    count(&j);
    return !j.failed;
}

/* A file of base64 or uuencode. */
static bool
read_armoured(struct source *s, struct sink *sink)
{
    struct arena arena = { 0 };
    struct account *a = sink->account;
    uint64_t from = s->offset;
    str bytes = { 0 };
    if (source_slurp(s, REPORT_MAX_ARCHIVE, NULL))
        bytes = report_unarmour(&arena, s->window);
    struct origin at = { from, s->window.n };
    enum report_result r = bytes.n ? report_from_bytes(&arena, bytes, (str){ 0 }, at, sink) : REPORT_NONE;
    uint64_t n = drain(s);
    if (r == REPORT_READ)
        a->recorded += n;
    else if (r == REPORT_REJECTED)
        a->rejected += n;
    else if (r == REPORT_NONE &&
             !sink_reject(sink, 0, (struct origin){ from, n }, (str){ 0 }, "no report inside"))
        r = REPORT_FAILED;
    arena_free(&arena);
    return r != REPORT_FAILED;
}

bool
report_read_source(struct source *s, struct sink *sink)
{
    if (!source_want(s, HEAD, &sink->diag))
        return false;
    if (is_gzip(s->window) || unzip_recognise(s->window) || tnef_recognise(s->window))
        return read_container(s, sink);
    if (report_is_armoured(s->window))
        return read_armoured(s, sink);
    struct job j = { .sink = sink };
    if (tlsrpt_recognise(s->window) > 0)
        read_tls(&j, s, (str){ 0 });
    else
        read_documents(&j, s);
    count(&j);
    return !j.failed;
}
