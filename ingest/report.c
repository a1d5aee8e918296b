/* Reports found by content, in whatever containers.
 *
 * Everything is a source: a file, a gzip stream inside another one, a member of
 * an archive.  Containers are report_containers.c's business, the documents in
 * them report_documents.c's, mails report_mail.c's. */
#include "report_impl.h"

#include "cms.h"
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

size_t
report_job_found(const struct report_job *j)
{
    return j->read + j->rejected + j->mails;
}

static bool
is_gzip(str s)
{
    return str_starts(s, S("\x1f\x8b\x08"));
}

static bool
is_packed(str s)
{
    return is_gzip(s) || unzip_recognise(s) || tnef_recognise(s) || report_is_armoured(s);
}

size_t
report_slipped(str head)
{
    enum { SLIP_MAX = 64 };
    static const char slips[] = " \t\r\n\0\xef\xbb\xbf";
    size_t n = 0;
    while (n < head.n && n < SLIP_MAX && memchr(slips, head.p[n], sizeof slips - 1))
        n++;
    str rest = str_skip(head, n);
    return n > 0 && (is_gzip(rest) || unzip_recognise(rest)) ? n : 0;
}

const char *
report_closed_container(str bytes)
{
    static const struct {
        str mark;
        const char *what;
    } kinds[] = {
        { S("7z\xbc\xaf\x27\x1c"), "is a 7z archive, which is not read" },
        { S("Rar!\x1a\x07"), "is a RAR archive, which is not read" },
        { S("MSCF\0\0\0\0"), "is a cabinet (CAB), which is not read" },
        { S("\x1f\x9d"), "is compressed by compress(1), which is not read" },
        { S("-----BEGIN PGP MESSAGE"), "is encrypted (PGP)" },
        { S("(This file must be converted with BinHex"), "is in BinHex, which is not read" },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_starts(bytes, kinds[i].mark))
            return kinds[i].what;
    return cms_is_encrypted(bytes) ? "is encrypted (S/MIME)" : NULL;
}

void
report_read_any(struct report_job *j, struct source *s, str name, int depth)
{
    if (!source_want(s, REPORT_HEAD, &j->sink->diag)) {
        j->failed = true;
        return;
    }
    source_take(s, report_slipped(s->window));
    str head = s->window;
    if (is_packed(head) && depth >= REPORT_MAX_DEPTH)
        report_give_up(j, head, name, "containers nested too deep");
    else if (is_gzip(head))
        report_read_gzip(j, s, name, depth);
    else if (tnef_recognise(head))
        report_read_tnef(j, s, name, depth);
    else if (unzip_recognise(head))
        report_read_archive(j, s, name, depth);
    else if (report_is_armoured(head))
        report_read_armour(j, s, name, depth);
    else if (msg_recognise(head))
        report_read_mail(j, s, name);
    else if (dmarc_recognise(head, s->eof) > 0)
        report_read_documents(j, s);
    else if (tlsrpt_recognise(head) > 0)
        report_read_tls(j, s, name);
    else if (mbox_begins(head, s->eof))
        report_read_mbox(j, s, name);
    else if (report_closed_container(head))
        report_give_up(j, head, name, report_closed_container(head));
}

enum report_result
report_from_bytes(struct arena *a, str bytes, str name, struct origin at, struct sink *sink, str *why)
{
    struct report_job j = { .sink = sink, .at = at, .nested = true };
    struct source outer, s;
    source_open_memory(&outer, "attachment", bytes);
    if (source_open_reader(&s, "attachment", report_read_window, &outer, &sink->diag)) {
        int packed = s.compressed ? 1 : 0;
        report_read_any(&j, &s, name, packed);
        if (packed && report_job_found(&j) == 0 && message_header_lines(s.window, s.eof) >= 3)
            report_read_mail(&j, &s, name);
        if (report_job_found(&j) == 0 && s.damage && !j.failed)
            report_give_up(&j, s.window, name, s.damage);
        source_close(&s);
    } else {
        j.failed = true;
    }
    source_close(&outer);
    count(&j);
    if (why)
        *why = arena_copy(a, str_from(j.why));
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
    report_read_any(&j, s, (str){ 0 }, 0);
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

bool
report_read_source(struct source *s, struct sink *sink)
{
    if (!source_want(s, REPORT_HEAD, &sink->diag))
        return false;
    if (is_packed(s->window) || report_slipped(s->window) || report_closed_container(s->window))
        return read_container(s, sink);
    struct report_job j = { .sink = sink };
    if (tlsrpt_recognise(s->window) > 0)
        report_read_tls(&j, s, (str){ 0 });
    else
        report_read_documents(&j, s);
    count(&j);
    return !j.failed;
}
