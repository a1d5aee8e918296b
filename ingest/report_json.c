/* Reports as JSON; the names are those of the columns. */
#include "report_json.h"

static void
begin(struct json *j, const char *kind, const char *format, str source, struct origin o)
{
    json_object(j);
    json_field(j, "kind", str_from(kind));
    json_field(j, "format", str_from(format));
    json_field(j, "source", source);
    json_field_int(j, "offset", (int64_t)o.offset);
    json_field_int(j, "length", (int64_t)o.length);
}

static void
some_count(struct json *j, const char *key, int64_t n)
{
    if (n >= 0)
        json_field_int(j, key, n);
}

static void
put_tls_failure(struct json *j, const struct tls_failure *f)
{
    json_object(j);
    json_some(j, "result_type", f->result_type);
    json_some(j, "sending_mta_ip", f->sending_mta_ip);
    json_some(j, "receiving_mx_hostname", f->receiving_mx_hostname);
    json_some(j, "receiving_mx_helo", f->receiving_mx_helo);
    json_some(j, "receiving_ip", f->receiving_ip);
    some_count(j, "failed_sessions", f->failed_sessions);
    json_some(j, "additional_information", f->additional_information);
    json_some(j, "failure_reason_code", f->failure_reason_code);
    json_end_object(j);
}

void
tls_report_json(struct json *j, str source, const struct tls_report *r)
{
    begin(j, "tls_report", "tlsrpt", source, r->origin);
    json_field_int(j, "report_key", (int64_t)r->report_key);
    json_some(j, "organization_name", r->organization_name);
    json_some(j, "contact_info", r->contact_info);
    json_some(j, "report_id", r->report_id);
    json_some_when(j, "begin_at", r->begin_at);
    json_some_when(j, "end_at", r->end_at);
    json_key(j, "policies");
    json_array(j);
    for (size_t i = 0; i < r->npolicies; i++) {
        const struct tls_policy *p = &r->policies[i];
        json_object(j);
        json_some(j, "policy_type", p->policy_type);
        json_some(j, "policy_string", p->policy_string);
        json_some(j, "policy_domain", p->policy_domain);
        json_some(j, "mx_host", p->mx_host);
        some_count(j, "successful_sessions", p->successful_sessions);
        some_count(j, "failed_sessions", p->failed_sessions);
        json_key(j, "failures");
        json_array(j);
        for (size_t k = 0; k < p->nfailures; k++)
            put_tls_failure(j, &p->failures[k]);
        json_end_array(j);
        json_end_object(j);
    }
    json_end_array(j);
    json_some(j, "problems", r->problems);
}

void
feedback_json(struct json *j, str source, const struct feedback *f)
{
    begin(j, f->is_failure ? "dmarc_failure" : "complaint", "arf", source, f->origin);
    json_field_int(j, f->is_failure ? "failure_key" : "complaint_key", (int64_t)f->key);
    json_some_when(j, "at", f->at);
    json_some(j, "feedback_type", f->feedback_type);
    json_some(j, "version", f->version);
    json_some(j, "user_agent", f->user_agent);
    json_some(j, "reported_by", f->reported_by);
    json_some(j, "reported_domain", f->reported_domain);
    json_some(j, "reported_uri", f->reported_uri);
    json_some(j, "reporting_mta", f->reporting_mta);
    json_some(j, "source_ip", f->source_ip);
    if (f->source_ip.n == 0)
        json_some(j, "raw_source_ip", f->raw_source_ip);
    some_count(j, "incidents", f->incidents);
    json_some_when(j, "arrival_at", f->arrival_at);
    if (f->has_mail_from)
        json_field(j, "original_mail_from", f->original_mail_from);
    json_some(j, "original_rcpt_to", f->original_rcpt_to);
    json_some(j, "original_envelope_id", f->original_envelope_id);
    json_some(j, "original_message_id", f->original_message_id);
    json_some(j, "original_from", f->original_from);
    json_some(j, "original_subject", f->original_subject);
    json_some(j, "authentication_results", f->authentication_results);
    json_some(j, "auth_failure", f->auth_failure);
    json_some(j, "delivery_result", f->delivery_result);
    json_some(j, "identity_alignment", f->identity_alignment);
    json_some(j, "dkim_domain", f->dkim_domain);
    json_some(j, "dkim_selector", f->dkim_selector);
    json_some(j, "dkim_identity", f->dkim_identity);
    json_some(j, "spf_dns", f->spf_dns);
    json_some(j, "original_headers", f->original_headers);
}

static void
put_recipient(struct json *j, const struct dsn_recipient *r)
{
    json_object(j);
    json_some(j, "recipient", r->final_recipient);
    json_some(j, "original_recipient", r->original_recipient);
    json_field(j, "action", dsn_action_word(r->action));
    json_some(j, "status", r->status);
    if (r->code)
        json_field_int(j, "code", r->code);
    json_some(j, "enhanced", r->enhanced);
    json_some(j, "reply", r->reply);
    json_some(j, "reply_type", r->reply_type);
    json_some(j, "remote_mta", r->remote_mta);
    json_some_when(j, "last_attempt_at", r->last_attempt_at);
    json_some_when(j, "will_retry_until", r->will_retry_until);
    json_some(j, "final_log_id", r->final_log_id);
    if (r->class.rule) {
        json_some(j, "stage", stage_word(r->class.stage));
        json_some(j, "reason", reason_word(r->class.reason));
        json_some(j, "provider", str_from(r->class.provider));
        json_some(j, "rule", str_from(r->class.rule));
    }
    json_end_object(j);
}

void
dsn_json(struct json *j, str source, const struct dsn *d)
{
    begin(j, "dsn", "dsn", source, d->origin);
    json_field(j, "form", str_from(d->form));
    json_field_int(j, "dsn_key", (int64_t)d->dsn_key);
    json_some_when(j, "at", d->at);
    json_some(j, "message_id", d->message_id);
    json_some(j, "reported_by", d->reported_by);
    json_some(j, "subject", d->subject);
    json_some(j, "reporting_mta", d->reporting_mta);
    json_some(j, "received_from_mta", d->received_from_mta);
    json_some(j, "envelope_id", d->envelope_id);
    json_some(j, "original_queue_id", d->original_queue_id);
    json_some_when(j, "arrival_at", d->arrival_at);
    json_some(j, "original_message_id", d->original_message_id);
    json_some(j, "original_mail_from", d->original_mail_from);
    json_some(j, "original_from", d->original_from);
    json_some(j, "original_subject", d->original_subject);
    json_some_when(j, "original_date", d->original_date);
    json_key(j, "recipients");
    json_array(j);
    for (size_t i = 0; i < d->nrecipients; i++)
        put_recipient(j, &d->recipients[i]);
    json_end_array(j);
}
