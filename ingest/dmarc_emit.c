/* Hands an aggregate report out: begin, records, end, rejects, and the account of its bytes. */
#include <stdarg.h>
#include <stdio.h>

#include "dmarc_rules.h"
#include "hash.h"

static struct origin
origin_of(const struct dmarc_xml *p, uint64_t offset, uint64_t length)
{
    return p->nested ? p->at : (struct origin){ p->at.offset + offset, length };
}

void
dmarc_reject(struct dmarc_xml *p, uint64_t line, uint64_t offset, uint64_t end, str excerpt,
             const char *format, ...)
{
    char why[200];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    if (p->failed)
        return;
    if (offset < p->settled)
        offset = p->settled;
    if (end < offset)
        end = offset;
    uint64_t before = p->sink->account->rejected;
    p->failed = !sink_reject(p->sink, line, origin_of(p, offset, end - offset), excerpt, "%s", why);
    if (p->nested)
        p->sink->account->rejected = before;
    p->rejected += end - offset;
    p->settled = end;
    if (p->in_record)
        p->record_rejected += end - offset;
}

/* Reporter, report id, domain and period: one report, however often it is sent.  Without an id its first record
 * stands for it. */
static uint64_t
report_key(struct arena *a, const struct dmarc_report *r, const struct dmarc_record *first)
{
    str reporter = r->org_name.n ? r->org_name : r->email, id = r->report_id;
    if (str_starts(id, S("<")) && str_ends(id, S(">"))) /* RFC 9990: with and without it is the same id */
        id = str_of(id.p + 1, id.n - 2);
    uint64_t key = hash_bytes(arena_lower(a, reporter));
    key = hash_more(key, id);
    key = hash_more(key, r->domain);
    key = hash_more_int(key, r->begin_at);
    key = hash_more_int(key, r->end_at);
    if (id.n > 0 || first == NULL)
        return key;
    key = hash_more_int(hash_more(key, first->raw_source_ip), first->count);
    return hash_more(hash_more(key, first->header_from), first->envelope_from);
}

static void
begin(struct dmarc_xml *p)
{
    p->begun = true;
    const struct dmarc_record *first = p->nwaiting ? p->waiting : p->in_record ? &p->record : NULL;
    p->report.report_key = report_key(&p->head, &p->report, first);
    p->report.problems = arena_copy(&p->head, buf_str(&p->problems));
    if (!p->failed && p->sink->ops->dmarc_begin)
        p->failed = !p->sink->ops->dmarc_begin(p->sink, &p->report);
}

static void
hand_out(struct dmarc_xml *p, struct dmarc_record *r)
{
    r->report_key = p->report.report_key;
    if (!p->failed && p->sink->ops->dmarc_record)
        p->failed = !p->sink->ops->dmarc_record(p->sink, r);
    p->read++;
}

static void
hand_out_waiting(struct dmarc_xml *p)
{
    for (size_t i = 0; i < p->nwaiting; i++)
        hand_out(p, &p->waiting[i]);
    p->waiting = NULL;
    p->nwaiting = p->waiting_room = 0;
}

/* Forgets the record; its texts may be gone. */
static void
clear_record(struct dmarc_xml *p)
{
    p->record = (struct dmarc_record){ 0 };
    p->reason = (struct dmarc_reason){ 0 };
    p->auth = (struct dmarc_auth){ 0 };
    p->reasons = NULL;
    p->auths = NULL;
    p->nreasons = p->reasons_room = p->nauth = p->auths_room = 0;
    p->in_record = p->row_seen = p->count_said = p->reason_open = p->auth_open = false;
    p->bare = p->identifiers_seen = p->results_seen = false;
    p->rows_before = NULL;
    p->nrows_before = p->rows_room = 0;
    p->bad_count = (str){ 0 };
    p->record_rejected = 0;
    p->foreign[1].n = 0;
}

void
dmarc_record_begin(struct dmarc_xml *p, const struct element *e)
{
    dmarc_record_end(p, e->offset); /* the one before, if it was not closed */
    clear_record(p);
    p->in_record = true;
    p->record.seq = p->seq++;
    p->record.origin.offset = e->offset;
    p->record_line = e->line;
}

/* Hands the record on, or keeps it while the report's identity is not known. */
static void
take_record(struct dmarc_xml *p, uint64_t length)
{
    account_record(p->sink->account, p->nested ? 0 : length, WHEN_NONE);
    p->recorded += length;
    if (!p->begun && p->metadata_closed && p->policy_closed)
        begin(p);
    if (!p->begun) {
        ARENA_PUSH(&p->rows, p->waiting, p->nwaiting, p->waiting_room) = p->record;
        return;
    }
    if (p->nwaiting)
        hand_out_waiting(p);
    hand_out(p, &p->record);
}

/* Rejects a whole of which `before` bytes are rejected already; they count once. */
static void
reject_whole(struct dmarc_xml *p, uint64_t line, uint64_t offset, uint64_t end, uint64_t before, str excerpt,
             const char *why, str what)
{
    if (p->failed)
        return;
    p->settled = offset;
    p->in_record = false;
    dmarc_reject(p, line, offset, end, excerpt, "%s%.*s", why, PRSTR(str_head(what, 100)));
    p->rejected -= before;
    if (!p->nested)
        p->sink->account->rejected -= before;
}

static void
reject_record(struct dmarc_xml *p, uint64_t offset, uint64_t end)
{
    str excerpt = p->bad_count.n ? p->bad_count : p->record.raw_source_ip;
    const char *why = p->bad_count.n ? "the count of a record is no number: " : "a record has no count";
    reject_whole(p, p->record_line, offset, end, p->record_rejected, excerpt, why, p->bad_count);
}

/* The present row, which is one record. */
static void
end_row(struct dmarc_xml *p, uint64_t end)
{
    uint64_t offset = p->record.origin.offset;
    p->record.origin = origin_of(p, offset, end - offset);
    p->record.reasons = p->reasons;
    p->record.nreasons = p->nreasons;
    p->record.auth = p->auths;
    p->record.nauth = p->nauth;
    if (p->count_said)
        take_record(p, end - offset - p->record_rejected);
    else
        reject_record(p, offset, end);
}

static struct dmarc_row
present_row(const struct dmarc_xml *p)
{
    return (struct dmarc_row){
        .record = p->record,
        .identified = p->identifiers_seen || p->results_seen,
        .count_said = p->count_said,
        .reasons = p->reasons,
        .nreasons = p->nreasons,
        .auths = p->auths,
        .nauth = p->nauth,
        .bad_count = p->bad_count,
        .line = p->record_line,
        .rejected = p->record_rejected,
    };
}

static void
return_to_row(struct dmarc_xml *p, const struct dmarc_row *r)
{
    p->in_record = true;
    p->record = r->record;
    p->count_said = r->count_said;
    p->reasons = r->reasons;
    p->nreasons = r->nreasons;
    p->auths = r->auths;
    p->nauth = r->nauth;
    p->bad_count = r->bad_count;
    p->record_line = r->line;
    p->record_rejected = r->rejected;
}

static bool
row_says(const struct dmarc_xml *p)
{
    return p->count_said || p->bad_count.n || p->record.raw_source_ip.n || p->record.raw_disposition.n;
}

void
dmarc_row_begin(struct dmarc_xml *p, const struct element *e)
{
    if (!row_says(p))
        return; /* an empty row, or one around the others */
    if (p->bare || p->nrows_before == DMARC_MAX_ROWS) {
        bool bare = p->bare;
        dmarc_record_begin(p, e);
        p->bare = bare;
        return;
    }
    ARENA_PUSH(&p->rows, p->rows_before, p->nrows_before, p->rows_room) = present_row(p);
    struct dmarc_row next = { .record = { .seq = p->seq++, .origin.offset = e->offset }, .line = e->line };
    return_to_row(p, &next);
    p->reasons_room = p->auths_room = 0;
    p->identifiers_seen = p->results_seen = false;
}

/* Rows of one record share its identifiers and results, but where each has its own behind it. */
static void
share_identity(struct dmarc_row *r, const struct dmarc_row *from)
{
    r->record.header_from = from->record.header_from;
    r->record.envelope_from = from->record.envelope_from;
    r->record.envelope_to = from->record.envelope_to;
    r->record.has_envelope_from = from->record.has_envelope_from;
    r->auths = from->auths;
    r->nauth = from->nauth;
}

static void
end_rows_before(struct dmarc_xml *p)
{
    size_t n = p->nrows_before;
    ARENA_PUSH(&p->rows, p->rows_before, p->nrows_before, p->rows_room) = present_row(p);
    struct dmarc_row *rows = p->rows_before, *identity = &rows[n];
    for (size_t i = n; i > 0 && !identity->identified; i--)
        identity = &rows[i - 1];
    for (size_t i = n + 1; i-- > 0;)
        if (rows[i].identified)
            identity = &rows[i];
        else
            share_identity(&rows[i], identity);
    for (size_t i = 0; i < n; i++) {
        return_to_row(p, &rows[i]);
        end_row(p, rows[i + 1].record.origin.offset);
    }
    return_to_row(p, &rows[n]);
}

void
dmarc_record_end(struct dmarc_xml *p, uint64_t end)
{
    if (!p->in_record)
        return;
    if (p->bare && !row_says(p) && !p->identifiers_seen && !p->results_seen) {
        p->seq--;
        clear_record(p); /* an empty element that was nobody's */
        return;
    }
    if (p->nrows_before > 0)
        end_rows_before(p);
    p->record.extension = arena_copy(&p->rows, str_trim(buf_str(&p->foreign[1])));
    end_row(p, end);
    p->settled = end;
    clear_record(p);
    if (p->nwaiting > 0 && p->rows.total > DMARC_MAX_WAITING) {
        dmarc_problem(p, "the metadata stand behind too many records");
        begin(p);
        hand_out_waiting(p);
    }
    if (p->nwaiting == 0)
        arena_reset(&p->rows);
}

/* What a report must say and this one does not (RFC 9990 3.1), beside what had to be repaired. */
static void
note_problems(struct dmarc_xml *p, unsigned repairs)
{
    const struct dmarc_report *r = &p->report;
    const struct {
        bool missing;
        const char *what;
    } rows[] = {
        { r->org_name.n == 0, "no org_name" },
        { r->email.n == 0, "no email" },
        { r->report_id.n == 0, "no report_id" },
        { r->begin_at == WHEN_NONE, "no begin" },
        { r->end_at == WHEN_NONE, "no end" },
        { r->domain.n == 0, "no domain" },
        { r->p.n == 0, "no p" },
        { p->seq == 0, "no record" },
        { r->begin_at != WHEN_NONE && r->end_at != WHEN_NONE && r->end_at < r->begin_at,
          "it ends before it begins" },
    };
    repairs &= ~(unsigned)XML_CUT & ~p->told_repairs;
    p->told_repairs |= repairs;
    for (unsigned bits = repairs; bits; bits &= bits - 1)
        dmarc_problem(p, xml_repair_text(bits));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].missing)
            dmarc_problem(p, rows[i].what);
}

static bool
is_report(const struct dmarc_xml *p)
{
    const struct dmarc_report *r = &p->report;
    return p->feedback_seen && (p->seq > 0 || r->org_name.n || r->email.n || r->report_id.n || r->domain.n);
}

static void
account_head(struct dmarc_xml *p, uint64_t bytes)
{
    struct account *a = p->sink->account;
    account_record(a, p->nested ? 0 : bytes, p->report.begin_at);
    if (p->report.end_at != WHEN_NONE && (a->last_at == WHEN_NONE || p->report.end_at > a->last_at))
        a->last_at = p->report.end_at;
}

static void
no_report(struct dmarc_xml *p, uint64_t end, const char *damage)
{
    const char *fault = xml_fault(p->xml);
    const char *why = p->feedback_seen ? "an empty report" : "no DMARC report (no feedback element)";
    char what[200] = "";
    if (damage || fault)
        snprintf(what, sizeof what, ": %s", damage ? damage : fault);
    reject_whole(p, 1, p->from, end, p->rejected, (str){ 0 }, why, str_from(what));
    p->reports.rejected++;
}

/* Hands out the end of a report that has a begin. */
static void
end_report(struct dmarc_xml *p, struct xml_place last, uint64_t end, const char *damage)
{
    const char *fault = xml_fault(p->xml), *why = damage ? damage : fault;
    p->report.origin = origin_of(p, p->from, end - p->from);
    if (!p->feedback_closed || damage || fault)
        dmarc_problem(p, damage ? damage : "the end is missing");
    p->report.problems = arena_copy(&p->head, buf_str(&p->problems));
    p->report.extension = arena_copy(&p->head, str_trim(buf_str(&p->foreign[0])));
    if (!p->failed && p->sink->ops->dmarc_end)
        p->failed = !p->sink->ops->dmarc_end(p->sink, &p->report);
    /* damage of a source behind the end of its report is the source's reader's to tell */
    if (!p->feedback_closed || (damage && p->nested) || fault)
        dmarc_reject(p, last.line, p->feedback_closed ? end : last.offset, end, (str){ 0 },
                     p->feedback_closed ? "the report is damaged%s%s" : "the report is cut short%s%s",
                     why ? ": " : "", why ? why : "");
    account_head(p, end - p->from - p->recorded - p->rejected);
    p->reports.read++;
    p->reports.partly += p->sink->account->rejects > p->rejects;
}

/* Forgets the report. */
static void
clear_report(struct dmarc_xml *p, uint64_t end)
{
    clear_record(p);
    arena_reset(&p->head);
    arena_reset(&p->rows);
    p->problems.n = p->foreign[0].n = 0;
    p->report = (struct dmarc_report){
        .begin_at = WHEN_NONE, .end_at = WHEN_NONE, .pct = -1, .origin = origin_of(p, end, 0)
    };
    p->begun = p->feedback_seen = p->feedback_closed = false;
    p->metadata_seen = p->metadata_closed = p->policy_seen = p->policy_closed = false;
    p->waiting = NULL;
    p->nwaiting = p->waiting_room = 0;
    p->seq = p->read = 0;
    p->recorded = p->rejected = 0;
    p->from = p->settled = end;
    p->rejects = p->sink->account->rejects;
}

void
dmarc_report_end(struct dmarc_xml *p, struct xml_place last, uint64_t end, const char *damage)
{
    dmarc_record_end(p, last.offset);
    if (p->failed)
        return;
    if (is_report(p)) {
        note_problems(p, last.repairs);
        if (!p->begun)
            begin(p);
        hand_out_waiting(p);
        end_report(p, last, end, damage);
    } else {
        no_report(p, end, damage);
    }
    clear_report(p, end);
}

struct dmarc_xml_count
dmarc_xml_finish(struct dmarc_xml *p, const char *damage)
{
    struct xml_place last = xml_place(p->xml);
    last.repairs = xml_repairs(p->xml);
    dmarc_report_end(p, last, p->pushed, damage);
    return p->reports;
}
