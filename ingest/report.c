/* Reports found by content, in whatever containers.
 *
 * Everything is a source: a file, a gzip stream inside another one, a member of
 * an archive.  The documents in them are report_documents.c's business, mails
 * are report_mail.c's. */
#include "report_impl.h"

#include "dmarc_xml.h"
#include "message_read.h"
#include "msg.h"
#include "tlsrpt_read.h"
#include "tnef.h"
#include "unzip.h"

static void
count(const struct report_job *j)
{
    struct account *a = j->sink->account;
    a->reports += j->read;
    a->reports_partly += j->partly;
    a->reports_rejected += j->rejected;
}

static size_t
job_found(const struct report_job *j)
{
    return j->read + j->rejected + j->mails;
}

static bool
is_gzip(str s)
{
    return str_starts(s, S("\x1f\x8b\x08"));
}

static void read_any(struct report_job *, struct source *, str name, int depth);

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
read_gzip(struct report_job *j, struct source *s, str name, int depth)
{
    struct source inner;
    if (!source_open_reader(&inner, s->path, read_window, s, &j->sink->diag)) {
        j->failed = true;
        return;
    }
    size_t before = job_found(j);
    read_any(j, &inner, name, depth + 1);
    if (job_found(j) == before && !j->failed)
        report_reject(j, j->at, (str){ 0 }, name, "gzip that holds no report");
    source_close(&inner);
}

/* A mail in an archive, or a .msg attached to a mail. */
static void
read_mail(struct report_job *j, struct source *s, str name)
{
    enum { MAILS_DEEP = 2 };
    static _Thread_local int deep;
    struct arena a = { 0 };
    struct diag d = { 0 };
    struct message m;
    struct message_source from = { .stored_at = WHEN_NONE, .origin = j->at };
    const char *why = NULL;
    if (deep == MAILS_DEEP || !source_slurp(s, MESSAGE_MAX_BYTES, &d)) {
        report_reject(j, j->at, s->window, name,
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
        report_reject(j, j->at, (str){ 0 }, name, why);
    arena_free(&a);
}

static void
read_members(struct report_job *j, str bytes, str name, int depth)
{
    struct diag d = { 0 };
    struct unzip *u = unzip_open(bytes, &d);
    str member;
    size_t before = job_found(j);
    if (u == NULL) {
        report_reject(j, j->at, bytes, name, d.text);
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
        report_reject(j, j->at, bytes, name, unzip_damage(u));
    else if (job_found(j) == before && !j->failed)
        report_reject(j, j->at, bytes, name, "archive that holds no report");
    unzip_close(u);
}

/* What Outlook packed into a winmail.dat. */
static void
read_tnef(struct report_job *j, struct source *s, str name, int depth)
{
    struct arena a = { 0 };
    struct tnef_file file;
    size_t before = job_found(j);
    if (!source_slurp(s, REPORT_MAX_ARCHIVE, NULL)) {
        report_reject(j, j->at, s->window, name, "winmail.dat beyond the limit");
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
        report_reject(j, j->at, (str){ 0 }, name, t.damage);
    arena_free(&a);
}

static void
read_archive(struct report_job *j, struct source *s, str name, int depth)
{
    struct diag d = { 0 };
    if (source_slurp(s, REPORT_MAX_ARCHIVE, &d))
        read_members(j, s->window, name, depth);
    else
        report_reject(j, j->at, s->window, name, "archive beyond the limit");
}

/* What this is, by its first bytes.  Leaves bytes behind where it is nothing for us. */
static void
read_any(struct report_job *j, struct source *s, str name, int depth)
{
    if (!source_want(s, REPORT_HEAD, &j->sink->diag)) {
        j->failed = true;
        return;
    }
    bool packed = is_gzip(s->window) || unzip_recognise(s->window) || tnef_recognise(s->window);
    if (packed && depth >= REPORT_MAX_DEPTH)
        report_reject(j, j->at, s->window, name, "containers nested too deep");
    else if (is_gzip(s->window))
        read_gzip(j, s, name, depth);
    else if (tnef_recognise(s->window))
        read_tnef(j, s, name, depth);
    else if (packed)
        read_archive(j, s, name, depth);
    else if (msg_recognise(s->window))
        read_mail(j, s, name);
    else if (dmarc_recognise(s->window, s->eof) > 0)
        report_read_documents(j, s);
    else if (tlsrpt_recognise(s->window) > 0)
        report_read_tls(j, s, name);
}

enum report_result
report_from_bytes(struct arena *a, str bytes, str name, struct origin at, struct sink *sink)
{
    (void)a;
    struct report_job j = { .sink = sink, .at = at, .nested = true };
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
    struct report_job j = { .sink = sink, .nested = true, .archive = true };
    struct account *a = sink->account;
    uint64_t from = s->offset;
    if (source_slurp(s, REPORT_MAX_ARCHIVE, NULL)) /* else the length is known at the end only */
        j.at.length = s->window.n;
    read_any(&j, s, (str){ 0 }, 0);
    report_drain(s);
    if (j.failed)
        return false;
    if (j.read + j.mails > 0) {
        a->recorded += s->offset - from;
    } else if (j.rejected > 0) {
        a->rejected += s->offset - from;
    } else {
        j.nested = false;
        report_reject(&j, (struct origin){ from, s->offset - from }, (str){ 0 }, (str){ 0 },
                      "no report inside");
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
    uint64_t n = report_drain(s);
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
    if (!source_want(s, REPORT_HEAD, &sink->diag))
        return false;
    if (is_gzip(s->window) || unzip_recognise(s->window) || tnef_recognise(s->window))
        return read_container(s, sink);
    if (report_is_armoured(s->window))
        return read_armoured(s, sink);
    struct report_job j = { .sink = sink };
    if (tlsrpt_recognise(s->window) > 0)
        report_read_tls(&j, s, (str){ 0 });
    else
        report_read_documents(&j, s);
    count(&j);
    return !j.failed;
}
