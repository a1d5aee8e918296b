/* Writes verdicts; the shapes are public, so they only grow. */
#include "auth_json.h"

void
spf_json(struct json *j, const struct spf_result *r)
{
    json_object(j);
    json_field(j, "result", auth_word(r->result));
    json_some(j, "domain", r->domain);
    json_some(j, "identity", r->identity);
    json_some(j, "ip", r->ip);
    json_some(j, "helo", r->helo);
    json_some(j, "mechanism", r->mechanism);
    json_some(j, "explanation", r->explanation);
    json_field_int(j, "lookups", r->lookups);
    json_field_int(j, "void_lookups", r->void_lookups);
    json_some(j, "problem", r->problem);
    if (r->age)
        json_field_int(j, "records_age_s", r->age / WHEN_SECOND);
    json_end_object(j);
}

static const char *const body_words[] = {
    [DKIM_BODY_UNKNOWN] = NULL,
    [DKIM_BODY_SAME] = "unchanged",
    [DKIM_BODY_CHANGED] = "changed",
};

static void
changed_json(struct json *j, const struct dkim_result *r)
{
    if (r->nchanged == 0)
        return;
    json_key(j, "changed_headers");
    json_array(j);
    for (size_t i = 0; i < r->nchanged; i++) {
        json_object(j);
        json_field(j, "name", r->changed[i].name);
        json_field(j, "was", r->changed[i].was);
        if (r->changed[i].now.p)
            json_field(j, "now", r->changed[i].now);
        json_end_object(j);
    }
    json_end_array(j);
}

static void
signature_json(struct json *j, const struct dkim_result *r)
{
    json_object(j);
    json_field(j, "result", auth_word(r->result));
    json_field_bool(j, "verified", r->verified);
    json_some(j, "domain", r->domain);
    json_some(j, "selector", r->selector);
    json_some(j, "identity", r->identity);
    json_some(j, "algorithm", r->algorithm);
    if (r->key_bits)
        json_field_int(j, "key_bits", r->key_bits);
    json_some(j, "canonicalization", r->canonicalization);
    if (r->key_bits) {
        json_field_int(j, "body_length", (int64_t)r->body_length);
        json_field_int(j, "body_total", (int64_t)r->body_total);
    }
    json_key(j, "signed_headers");
    json_array(j);
    for (size_t i = 0; i < r->nsigned; i++)
        json_str(j, r->signed_headers[i]);
    json_end_array(j);
    json_some_when(j, "signed_at", r->signed_at);
    json_some_when(j, "expires_at", r->expires_at);
    json_some(j, "reason", r->reason);
    json_some(j, "repaired", r->variant);
    if (body_words[r->body])
        json_field(j, "body", str_from(body_words[r->body]));
    json_some(j, "change", r->change);
    changed_json(j, r);
    if (r->old_key)
        json_field_bool(j, "key_of_another_time", true);
    json_some_when(j, "key_valid_from", r->key_from);
    json_some_when(j, "key_valid_until", r->key_until);
    json_field_int(j, "raw_index", (int64_t)r->raw_index);
    json_end_object(j);
}

void
dkim_json(struct json *j, const struct dkim_result *r, size_t n)
{
    json_array(j);
    for (size_t i = 0; i < n; i++)
        signature_json(j, &r[i]);
    json_end_array(j);
}

static void
recorded_json(struct json *j, const struct auth_results *r)
{
    json_object(j);
    json_field(j, "authserv_id", r->authserv_id);
    json_key(j, "results");
    json_array(j);
    for (size_t i = 0; i < r->nresults; i++) {
        json_object(j);
        json_field(j, "method", r->results[i].method);
        json_field(j, "result", r->results[i].result);
        json_some(j, "reason", r->results[i].reason);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static void
set_json(struct json *j, const struct arc_set *s)
{
    json_object(j);
    json_field_int(j, "instance", s->instance);
    json_some(j, "domain", s->domain);
    json_some(j, "selector", s->selector);
    json_some(j, "algorithm", s->algorithm);
    json_some(j, "cv", s->cv);
    json_some_when(j, "sealed_at", s->sealed_at);
    if (s->checked) {
        json_field(j, "seal", auth_word(s->seal_result));
        json_some(j, "seal_reason", s->seal_reason);
        if (s->seal_bits)
            json_field_int(j, "key_bits", s->seal_bits);
        json_key(j, "message_signature");
        signature_json(j, &s->message);
    }
    if (s->recorded) {
        json_key(j, "recorded");
        recorded_json(j, s->recorded);
    }
    json_end_object(j);
}

void
arc_json(struct json *j, const struct arc_result *r)
{
    json_object(j);
    json_field(j, "result", auth_word(r->result));
    json_field_int(j, "instances", r->instances);
    json_field_int(j, "oldest_pass", r->oldest_pass);
    if (r->failed_instance)
        json_field_int(j, "failed_instance", r->failed_instance);
    json_some(j, "reason", r->reason);
    json_key(j, "sets");
    json_array(j);
    for (size_t i = 0; i < r->nsets; i++)
        set_json(j, &r->sets[i]);
    json_end_array(j);
    json_end_object(j);
}

void
dmarc_json(struct json *j, const struct dmarc_result *r)
{
    json_object(j);
    json_field(j, "result", auth_word(r->result));
    json_some(j, "domain", r->domain);
    json_some(j, "org_domain", r->org_domain);
    json_some(j, "record_domain", r->record_domain);
    json_some(j, "record", r->record);
    json_some(j, "policy", r->policy);
    json_field_bool(j, "spf_aligned", r->spf_aligned);
    json_field_bool(j, "dkim_aligned", r->dkim_aligned);
    json_some(j, "disposition", r->disposition);
    json_some(j, "reason", r->reason);
    json_field_int(j, "queries", r->queries);
    if (r->age)
        json_field_int(j, "records_age_s", r->age / WHEN_SECOND);
    json_end_object(j);
}

void
findings_json(struct json *j, const struct auth_finding *f, size_t n)
{
    json_array(j);
    for (size_t i = 0; i < n; i++) {
        json_object(j);
        json_field(j, "stage", stage_word(f[i].stage));
        json_field(j, "severity", str_from(f[i].severity));
        json_field(j, "code", str_from(f[i].code));
        json_field(j, "text", f[i].text);
        if (f[i].hop)
            json_field_int(j, "hop", f[i].hop);
        json_end_object(j);
    }
    json_end_array(j);
}

void
auth_json(struct json *j, const struct auth_verdict *v)
{
    json_key(j, "spf");
    spf_json(j, &v->spf);
    if (v->helo.domain.n) {
        json_key(j, "helo");
        spf_json(j, &v->helo);
    }
    json_key(j, "dkim");
    dkim_json(j, v->dkim, v->ndkim);
    if (v->ngoogle) {
        json_key(j, "x_google_dkim");
        dkim_json(j, v->google, v->ngoogle);
    }
    json_key(j, "dmarc");
    dmarc_json(j, &v->dmarc);
    json_key(j, "arc");
    arc_json(j, &v->arc);
}
