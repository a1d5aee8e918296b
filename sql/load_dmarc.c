/* The sink of databases: aggregate reports (DMARC) as COPY rows.
 *
 * A report whose key is new goes straight into its tables; one that may be there already goes to staging tables, and
 * load_merge_reports.sql decides which is the fuller one.  Each function writes the columns of load_tables.h in their order. */
#include "hash.h"
#include "load_impl.h"

bool
load_dmarc_begin(struct sink *sink, const struct dmarc_report *r)
{
    struct load *l = (struct load *)sink;
    bool fresh = false;
    l->report_instance++;
    l->saw_reports = true;
    l->report_messages = l->report_records = 0;
    l->report_is = REPORT_STAGED;
    if (l->known == NULL) /* a relay cannot ask: load_merge_reports.sql decides */
        return true;
    if (!known_take_report(l->known, r->report_key, &fresh, &sink->diag))
        return false;
    l->report_is = fresh ? REPORT_FRESH : REPORT_STAGED; /* what is here may be the fuller one, or not */
    l->taken_found += fresh;
    return true;
}

static void
put_reasons(struct buf *b, struct load *l, const struct dmarc_record *r)
{
    struct buf *text = &l->row_text;
    text->n = 0;
    for (size_t i = 0; i < r->nreasons; i++) {
        const struct dmarc_reason *reason = &r->reasons[i];
        buf_add(text, i ? S("; ") : (str){ 0 });
        buf_add(text, reason->type);
        buf_add(text, reason->comment.n ? S(": ") : (str){ 0 });
        buf_add(text, reason->comment);
    }
    pgcopy_some(b, buf_str(text));
}

/* What names the results of a record: the same ones, the same key.  0: none. */
static uint64_t
auth_key(const struct dmarc_record *r)
{
    uint64_t key = 0;
    for (size_t i = 0; i < r->nauth; i++) {
        const struct dmarc_auth *a = &r->auth[i];
        const str said[] = { a->method, a->domain,     a->selector,    a->scope,
                             a->result, a->raw_result, a->human_result };
        key = hash_more_texts(key, said, sizeof said / sizeof *said);
    }
    return key;
}

/* A set that this batch sent lately is not sent again; one sent twice is merged once (load_merge_auth.sql). */
static void
put_auth(struct load *l, const struct dmarc_record *r, uint64_t key)
{
    uint64_t *sent = &l->auth_sent[key % LOAD_AUTH_SENT];
    if (*sent == key)
        return;
    *sent = key;
    for (size_t i = 0; i < r->nauth; i++) {
        const struct dmarc_auth *a = &r->auth[i];
        struct buf *b = writer_row(l->writer, LOAD_AUTH_SET, WHEN_NONE);
        pgcopy_int8(b, (int64_t)key);
        pgcopy_int4(b, (int32_t)i);
        pgcopy_text(b, a->method);
        pgcopy_some(b, a->domain);
        pgcopy_some(b, a->selector);
        pgcopy_some(b, a->scope);
        pgcopy_some(b, a->result);
        pgcopy_some(b, a->raw_result);
        pgcopy_some(b, a->human_result);
    }
}

bool
load_dmarc_record(struct sink *sink, const struct dmarc_record *r)
{
    struct load *l = (struct load *)sink;
    bool staged = l->report_is == REPORT_STAGED;
    uint64_t key = auth_key(r);
    struct buf *b = writer_row(l->writer, staged ? LOAD_RECORD : LOAD_NEW_RECORD, WHEN_NONE);
    pgcopy_int8(b, (int64_t)r->report_key);
    pgcopy_int4(b, (int32_t)r->seq);
    pgcopy_inet(b, r->source_ip);
    pgcopy_some(b, r->raw_source_ip);
    pgcopy_int8(b, r->count);
    pgcopy_some(b, r->disposition);
    pgcopy_some(b, r->raw_disposition);
    pgcopy_some(b, r->dkim);
    pgcopy_some(b, r->raw_dkim);
    pgcopy_some(b, r->spf);
    pgcopy_some(b, r->raw_spf);
    pgcopy_some(b, r->header_from);
    if (r->has_envelope_from)
        pgcopy_text(b, r->envelope_from);
    else
        pgcopy_some(b, r->envelope_from);
    pgcopy_some(b, r->envelope_to);
    put_reasons(b, l, r);
    pgcopy_some(b, r->extension);
    pgcopy_int8_if(b, key != 0, (int64_t)key);
    if (staged)
        pgcopy_int8(b, l->report_instance);
    put_auth(l, r, key);
    l->report_records++;
    l->report_messages += r->count;
    return load_taken(l);
}

bool
load_dmarc_end(struct sink *sink, const struct dmarc_report *r)
{
    struct load *l = (struct load *)sink;
    const str texts[] = { r->org_name,  r->email,  r->extra_contact_info, r->report_id, r->error,
                          r->generator, r->version };
    const str policy[] = { pgcopy_cut(r->domain), r->p, r->sp, r->np, r->adkim, r->aspf, r->fo, r->testing,
                           r->discovery_method };
    bool staged = l->report_is == REPORT_STAGED;
    l->totals.reports++;
    struct buf *b = writer_row(l->writer, staged ? LOAD_REPORT : LOAD_NEW_REPORT, WHEN_NONE);
    pgcopy_int8(b, (int64_t)r->report_key);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        pgcopy_some(b, texts[i]);
    pgcopy_when(b, r->begin_at);
    pgcopy_when(b, r->end_at);
    for (size_t i = 0; i < sizeof policy / sizeof *policy; i++)
        pgcopy_some(b, policy[i]);
    pgcopy_int4_if(b, r->pct >= 0, r->pct);
    pgcopy_some(b, r->extension);
    pgcopy_some(b, r->problems);
    pgcopy_int8(b, l->report_records);
    pgcopy_int8(b, l->report_messages);
    load_put_origin(b, l, r->origin);
    pgcopy_int8(b, l->load_id);
    if (staged)
        pgcopy_int8(b, l->report_instance);
    return load_taken(l);
}
