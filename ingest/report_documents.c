/* The documents that are reports: XML, JSON.
 *
 * XML is read from the window of its source and never held as a whole; what it means is dmarc_xml.c's business, what
 * the JSON of TLS reports means tlsrpt.c's. */
#include "dmarc_xml.h"
#include "json_read.h"
#include "report_impl.h"
#include "tlsrpt_read.h"

void
report_reject(struct report_job *j, struct origin at, str excerpt, str name, const char *why)
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

bool
report_is_bomb(const struct source *s)
{
    return s->compressed && s->offset > REPORT_RATIO_FROM &&
           (s->offset > REPORT_MAX_BYTES || s->offset / (s->raw_bytes + 1) > REPORT_RATIO);
}

uint64_t
report_drain(struct source *s)
{
    uint64_t from = s->offset;
    while (!report_is_bomb(s)) {
        source_take(s, s->window.n);
        if (s->eof || !source_more(s, NULL))
            break;
    }
    source_take(s, s->window.n);
    return s->offset - from;
}

/* One XML document from the window on, and the reports in it. */
static void
read_xml(struct report_job *j, struct source *s)
{
    struct origin at = j->nested ? j->at : (struct origin){ s->offset, 0 };
    struct dmarc_xml *p = dmarc_xml_new(j->sink, at, j->nested);
    const char *damage = NULL;
    for (;;) {
        bool last = s->eof;
        size_t used = dmarc_xml_push(p, s->window, last);
        source_take(s, used);
        if (dmarc_xml_done(p) || dmarc_xml_failed(p) || last)
            break;
        if (report_is_bomb(s))
            damage = "it unpacks to more than the limit";
        else if (!source_more(s, &j->sink->diag))
            j->failed = true;
        if (damage || j->failed)
            break;
    }
    struct dmarc_xml_count n = dmarc_xml_finish(p, damage ? damage : s->eof ? s->damage : NULL);
    j->failed |= dmarc_xml_failed(p);
    j->read += n.read;
    j->partly += n.partly;
    j->rejected += n.rejected;
    dmarc_xml_free(p);
}

/* Blanks and NULs behind a document are nothing. */
static void
skip_padding(struct report_job *j, struct source *s)
{
    uint64_t from = s->offset;
    for (;;) {
        size_t n = 0;
        while (n < s->window.n && (str_is_space(s->window.p[n]) || s->window.p[n] == '\0'))
            n++;
        source_take(s, n);
        if (s->window.n > 0 || s->eof || report_is_bomb(s) || !source_more(s, NULL))
            break;
    }
    if (s->offset > from && !j->nested)
        account_ignore(j->sink->account, s->offset - from);
}

void
report_read_documents(struct report_job *j, struct source *s)
{
    do {
        read_xml(j, s);
        skip_padding(j, s);
        source_want(s, REPORT_HEAD, NULL);
    } while (!j->failed && s->window.n > 0 && !report_is_bomb(s) && dmarc_recognise(s->window, s->eof) > 0);
    bool bomb = report_is_bomb(s);
    if (j->failed || s->window.n == 0 || (bomb && j->nested))
        return;
    str shown = str_head(s->window, REJECT_EXCERPT);
    char excerpt[REJECT_EXCERPT];
    memcpy(excerpt, shown.p, shown.n);
    uint64_t from = s->offset, n = report_drain(s);
    size_t rejected = j->rejected;
    report_reject(j, (struct origin){ from, n }, str_of(excerpt, shown.n), (str){ 0 },
                  bomb ? "it unpacks to more than the limit" : "junk follows the report");
    j->rejected = rejected; /* it is no report of its own */
}

/* What is wrong with a report that was read, after its good part of n bytes. */
static void
reject_rest(struct report_job *j, uint64_t from, size_t good, str text, const char *why)
{
    size_t rejected = j->rejected;
    struct origin rest = { from + good, text.n - good };
    if (!j->nested)
        j->sink->account->recorded -= rest.length;
    report_reject(j, rest, str_skip(text, good), S("the report is damaged"), why);
    j->rejected = rejected;
}

/* A TLS report, which is one JSON text, at an offset of the source. */
static void
read_tls_text(struct report_job *j, const struct source *s, str text, uint64_t offset, str name)
{
    struct arena a = { 0 };
    struct tls_report r;
    const char *why = NULL;
    size_t where = 0;
    struct origin at = { offset, text.n };
    if (!tlsrpt_parse(&a, text, &r, &why, &where)) {
        report_reject(j, at, text, name, why);
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

void
report_read_tls(struct report_job *j, struct source *s, str name)
{
    uint64_t from = s->offset;
    if (!source_slurp(s, TLSRPT_MAX_BYTES, NULL)) {
        struct origin at = { from, j->nested ? 0 : report_drain(s) };
        report_reject(j, at, (str){ 0 }, name, "TLS report beyond the limit");
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
