/* The sink of databases: TLS reports, feedback reports, notifications and reputation as COPY rows.
 *
 * All go to staging tables, and load_merge_reports.sql takes each once.  Each function writes the columns of
 * load_tables.h in their order. */
#include "load_impl.h"

static void
put_tls_failures(struct load *l, const struct tls_report *r, size_t policy)
{
    const struct tls_policy *p = &r->policies[policy];
    for (size_t i = 0; i < p->nfailures; i++) {
        const struct tls_failure *f = &p->failures[i];
        struct buf *b = writer_row(l->writer, LOAD_TLS_FAILURE, WHEN_NONE);
        pgcopy_int8(b, (int64_t)r->report_key);
        pgcopy_int4(b, (int32_t)policy);
        pgcopy_int4(b, (int32_t)i);
        pgcopy_some(b, f->result_type);
        pgcopy_inet(b, f->sending_mta_ip);
        pgcopy_some(b, f->receiving_mx_hostname);
        pgcopy_some(b, f->receiving_mx_helo);
        pgcopy_inet(b, f->receiving_ip);
        pgcopy_int8_if(b, f->failed_sessions >= 0, f->failed_sessions);
        pgcopy_some(b, f->additional_information);
        pgcopy_some(b, f->failure_reason_code);
        pgcopy_int8(b, l->report_instance);
    }
}

bool
load_tls_report(struct sink *sink, const struct tls_report *r)
{
    struct load *l = (struct load *)sink;
    l->report_instance++;
    l->saw_reports = true;
    for (size_t i = 0; i < r->npolicies; i++) {
        const struct tls_policy *p = &r->policies[i];
        struct buf *b = writer_row(l->writer, LOAD_TLS_POLICY, WHEN_NONE);
        pgcopy_int8(b, (int64_t)r->report_key);
        pgcopy_int4(b, (int32_t)i);
        pgcopy_some(b, p->policy_type);
        pgcopy_some(b, p->policy_string);
        pgcopy_some(b, p->policy_domain);
        pgcopy_some(b, p->mx_host);
        pgcopy_int8_if(b, p->successful_sessions >= 0, p->successful_sessions);
        pgcopy_int8_if(b, p->failed_sessions >= 0, p->failed_sessions);
        pgcopy_int8(b, l->report_instance);
        put_tls_failures(l, r, i);
    }
    struct buf *b = writer_row(l->writer, LOAD_TLS_REPORT, WHEN_NONE);
    pgcopy_int8(b, (int64_t)r->report_key);
    pgcopy_some(b, r->organization_name);
    pgcopy_some(b, r->contact_info);
    pgcopy_some(b, r->report_id);
    pgcopy_when(b, r->begin_at);
    pgcopy_when(b, r->end_at);
    load_put_origin(b, l, r->origin);
    pgcopy_some(b, r->problems);
    pgcopy_int8(b, l->load_id);
    pgcopy_int8(b, l->report_instance);
    return load_taken(l);
}

/* What complaints and failure reports have in common. */
static void
put_feedback(struct buf *b, struct load *l, const struct feedback *f)
{
    pgcopy_int8(b, (int64_t)f->key);
    pgcopy_int8_if(b, f->message_key != 0, (int64_t)f->message_key);
    pgcopy_when(b, f->at);
    pgcopy_some(b, f->feedback_type);
    pgcopy_some(b, f->version);
    pgcopy_some(b, f->user_agent);
    pgcopy_some(b, f->reported_by);
    pgcopy_some(b, f->reported_domain);
    pgcopy_some(b, f->reported_uri);
    pgcopy_some(b, f->reporting_mta);
    pgcopy_inet(b, f->source_ip);
    pgcopy_int8_if(b, f->incidents >= 0, f->incidents);
    pgcopy_when(b, f->arrival_at);
    if (f->has_mail_from)
        pgcopy_text(b, f->original_mail_from);
    else
        pgcopy_null(b);
    pgcopy_some(b, f->original_rcpt_to);
    pgcopy_some(b, f->original_envelope_id);
    pgcopy_some(b, f->original_message_id);
    pgcopy_some(b, f->original_from);
    pgcopy_some(b, f->original_subject);
    pgcopy_some(b, f->original_headers);
    load_put_origin(b, l, f->origin);
    pgcopy_int8(b, l->load_id);
}

bool
load_feedback(struct sink *sink, const struct feedback *f)
{
    struct load *l = (struct load *)sink;
    struct buf *b = writer_row(l->writer, f->is_failure ? LOAD_FAILURE : LOAD_COMPLAINT, WHEN_NONE);
    l->saw_reports = true;
    put_feedback(b, l, f);
    if (f->is_failure) {
        pgcopy_some(b, f->authentication_results);
        pgcopy_some(b, f->auth_failure);
        pgcopy_some(b, f->delivery_result);
        pgcopy_some(b, f->identity_alignment);
        pgcopy_some(b, f->dkim_domain);
        pgcopy_some(b, f->dkim_selector);
        pgcopy_some(b, f->dkim_identity);
        pgcopy_some(b, f->spf_dns);
        pgcopy_null(b); /* its journey, which analyze finds */
    }
    return load_taken(l);
}

static void
put_recipients(struct load *l, const struct dsn *d)
{
    for (size_t i = 0; i < d->nrecipients; i++) {
        const struct dsn_recipient *r = &d->recipients[i];
        struct buf *b = writer_row(l->writer, LOAD_DSN_RECIPIENT, WHEN_NONE);
        pgcopy_int8(b, (int64_t)d->dsn_key);
        pgcopy_int4(b, (int32_t)i);
        pgcopy_text(b, pgcopy_cut(r->final_recipient));
        pgcopy_some(b, r->original_recipient);
        pgcopy_text(b, dsn_action_word(r->action));
        pgcopy_some(b, r->status);
        load_put_code(b, r->code);
        pgcopy_some(b, r->enhanced);
        pgcopy_some(b, r->reply);
        pgcopy_some(b, r->reply_type);
        pgcopy_some(b, r->remote_mta);
        pgcopy_when(b, r->last_attempt_at);
        pgcopy_when(b, r->will_retry_until);
        pgcopy_some(b, r->final_log_id);
        load_put_class(b, &r->class);
        pgcopy_int8(b, l->report_instance);
    }
}

bool
load_dsn(struct sink *sink, const struct dsn *d)
{
    struct load *l = (struct load *)sink;
    l->report_instance++;
    l->saw_reports = true;
    put_recipients(l, d);
    struct buf *b = writer_row(l->writer, LOAD_DSN, WHEN_NONE);
    pgcopy_int8(b, (int64_t)d->dsn_key);
    pgcopy_int8_if(b, d->message_key != 0, (int64_t)d->message_key);
    pgcopy_when(b, d->at);
    pgcopy_text(b, str_from(d->form));
    pgcopy_some(b, d->message_id);
    pgcopy_some(b, d->reported_by);
    pgcopy_some(b, d->subject);
    pgcopy_some(b, d->reporting_mta);
    pgcopy_some(b, d->received_from_mta);
    pgcopy_some(b, d->envelope_id);
    pgcopy_some(b, d->original_queue_id);
    pgcopy_when(b, d->arrival_at);
    pgcopy_some(b, d->original_message_id);
    pgcopy_some(b, d->original_mail_from);
    pgcopy_some(b, d->original_from);
    pgcopy_some(b, d->original_subject);
    pgcopy_when(b, d->original_date);
    pgcopy_int4(b, (int32_t)d->nrecipients);
    load_put_origin(b, l, d->origin);
    pgcopy_int8(b, l->load_id);
    pgcopy_int8(b, l->report_instance);
    return load_taken(l);
}

bool
load_reputation(struct sink *sink, const struct reputation *r)
{
    struct load *l = (struct load *)sink;
    struct buf *b = writer_row(l->writer, LOAD_REPUTATION, WHEN_NONE);
    const double rates[] = { r->spam_rate,  r->spf_rate,    r->dkim_rate,
                             r->dmarc_rate, r->tls_in_rate, r->tls_out_rate };
    const int64_t counts[] = { r->rcpt_commands, r->data_commands, r->recipients, r->trap_hits };
    pgcopy_int8(b, (int64_t)r->reputation_id);
    pgcopy_text(b, r->provider);
    pgcopy_text(b, r->is_ip ? S("ip") : S("domain"));
    pgcopy_text(b, pgcopy_cut(r->subject));
    pgcopy_inet(b, r->is_ip ? r->subject : (str){ 0 });
    pgcopy_some(b, r->domain);
    pgcopy_when(b, r->begin_at);
    pgcopy_when(b, r->end_at);
    pgcopy_some(b, r->word);
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        pgcopy_float8(b, rates[i]);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        pgcopy_int8_if(b, counts[i] >= 0, counts[i]);
    pgcopy_some(b, r->detail);
    load_put_origin(b, l, r->origin);
    pgcopy_int8(b, l->load_id);
    return load_taken(l);
}
