/* Writes an aggregate report as one JSON object.
 *
 * The head's fields are written when begin knows them, else at the end: a report
 * may say its version or extension behind the records. */
#include "dmarc_json.h"

#define FIELD(f)                             \
    {                                        \
#f, offsetof(struct dmarc_report, f) \
    }
static const struct {
    const char *key;
    size_t at;
} head[] = {
    FIELD(org_name),  FIELD(email),     FIELD(extra_contact_info),
    FIELD(report_id), FIELD(generator), FIELD(version),
    FIELD(domain),    FIELD(p),         FIELD(sp),
    FIELD(np),        FIELD(adkim),     FIELD(aspf),
    FIELD(fo),        FIELD(testing),   FIELD(discovery_method),
};
#define NHEAD (sizeof head / sizeof *head)

static void
write_head(struct dmarc_json *d, const struct dmarc_report *r)
{
    for (size_t i = 0; i < NHEAD; i++) {
        const str *value = (const str *)(const void *)((const char *)r + head[i].at);
        if (value->n == 0 || (d->written & UINT64_C(1) << i))
            continue;
        json_field(&d->json, head[i].key, *value);
        d->written |= UINT64_C(1) << i;
    }
    const struct {
        const char *key;
        when at;
    } times[] = { { "begin_at", r->begin_at }, { "end_at", r->end_at } };
    for (size_t i = 0; i < 2; i++) {
        if (times[i].at == WHEN_NONE || (d->written & UINT64_C(1) << (NHEAD + i)))
            continue;
        json_some_when(&d->json, times[i].key, times[i].at);
        d->written |= UINT64_C(1) << (NHEAD + i);
    }
    if (r->pct >= 0 && !(d->written & UINT64_C(1) << (NHEAD + 2))) {
        json_field_int(&d->json, "pct", r->pct);
        d->written |= UINT64_C(1) << (NHEAD + 2);
    }
}

void
dmarc_json_begin(struct dmarc_json *d, struct buf *out, str source, const struct dmarc_report *r)
{
    *d = (struct dmarc_json){ .json = { .out = out } };
    json_object(&d->json);
    json_field(&d->json, "kind", S("dmarc_report"));
    json_field(&d->json, "format", S("dmarc"));
    json_field(&d->json, "source", source);
    json_field_int(&d->json, "report_key", (int64_t)r->report_key);
    write_head(d, r);
    json_key(&d->json, "records");
    json_array(&d->json);
}

static void
write_reasons(struct json *j, const struct dmarc_record *r)
{
    if (r->nreasons == 0)
        return;
    json_key(j, "reasons");
    json_array(j);
    for (size_t i = 0; i < r->nreasons; i++) {
        json_object(j);
        json_some(j, "type", r->reasons[i].type);
        json_some(j, "comment", r->reasons[i].comment);
        json_end_object(j);
    }
    json_end_array(j);
}

static void
write_auth(struct json *j, const struct dmarc_record *r)
{
    json_key(j, "auth");
    json_array(j);
    for (size_t i = 0; i < r->nauth; i++) {
        const struct dmarc_auth *a = &r->auth[i];
        json_object(j);
        json_field(j, "method", a->method);
        json_some(j, "domain", a->domain);
        json_some(j, "selector", a->selector);
        json_some(j, "scope", a->scope);
        json_some(j, "result", a->result);
        json_some(j, "raw_result", a->raw_result);
        json_some(j, "human_result", a->human_result);
        json_end_object(j);
    }
    json_end_array(j);
}

void
dmarc_json_record(struct dmarc_json *d, const struct dmarc_record *r)
{
    struct json *j = &d->json;
    json_object(j);
    json_field_int(j, "seq", r->seq);
    json_some(j, "source_ip", r->source_ip);
    json_some(j, "raw_source_ip", r->raw_source_ip);
    json_field_int(j, "count", r->count);
    json_some(j, "disposition", r->disposition);
    json_some(j, "raw_disposition", r->raw_disposition);
    json_some(j, "dkim", r->dkim);
    json_some(j, "spf", r->spf);
    if (!str_eq(r->dkim, r->raw_dkim))
        json_some(j, "raw_dkim", r->raw_dkim);
    if (!str_eq(r->spf, r->raw_spf))
        json_some(j, "raw_spf", r->raw_spf);
    json_some(j, "header_from", r->header_from);
    if (r->has_envelope_from)
        json_field(j, "envelope_from", r->envelope_from);
    json_some(j, "envelope_to", r->envelope_to);
    write_reasons(j, r);
    write_auth(j, r);
    json_some(j, "extension", r->extension);
    json_end_object(j);
    if (__builtin_add_overflow(d->messages, r->count, &d->messages))
        d->messages = INT64_MAX;
}

void
dmarc_json_end(struct dmarc_json *d, const struct dmarc_report *r)
{
    json_end_array(&d->json);
    json_field_int(&d->json, "messages", d->messages);
    write_head(d, r);
    json_some(&d->json, "error", r->error);
    json_some(&d->json, "extension", r->extension);
    json_some(&d->json, "problems", r->problems);
    json_field_int(&d->json, "offset", (int64_t)r->origin.offset);
    json_field_int(&d->json, "length", (int64_t)r->origin.length);
    json_end_object(&d->json);
}
