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
    json_end_object(j);
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
    json_key(j, "dmarc");
    dmarc_json(j, &v->dmarc);
}
