/* Messages as JSON.  What is computed (spf, dkim, findings, ...) is written by who computes it. */
#include "message_json.h"

#include <stdio.h>

#include "received.h"

enum { PROPERTY_NAME_MAX = 100, SIDE_HOPS_MAX = 20 };

static void
put_from(struct json *j, const struct message *m)
{
    json_key(j, "from");
    json_array(j);
    for (size_t i = 0; i < m->nfrom; i++) {
        json_object(j);
        json_some(j, "name", m->from[i].name);
        json_field(j, "address", m->from[i].address);
        json_end_object(j);
    }
    json_end_array(j);
}

static void
put_client(struct json *j, const struct received *r)
{
    if (r->from_name.n + r->from_helo.n + r->from_ip.n + r->from_rdns.n + r->from_ident.n == 0)
        return;
    json_key(j, "from");
    json_object(j);
    json_some(j, "name", r->from_name);
    json_some(j, "helo", r->from_helo);
    json_some(j, "ip", r->from_ip);
    json_some(j, "rdns", r->from_rdns);
    json_some(j, "ident", r->from_ident);
    json_end_object(j);
}

static void
put_hop(struct json *j, const struct received *r, size_t n, when before)
{
    json_object(j);
    json_field_int(j, "n", (int64_t)n);
    put_client(j, r);
    json_some(j, "by", r->by);
    json_some(j, "protocol", r->protocol);
    json_some(j, "via", r->via);
    json_some(j, "id", r->id);
    json_some(j, "for", r->for_address);
    json_some_when(j, "at", r->at);
    if (before != WHEN_NONE && r->at != WHEN_NONE) /* negative where clocks disagree */
        json_some_double(j, "delay_s", (double)(r->at - before) / (double)WHEN_SECOND);
    if (r->tls_version.n + r->tls_cipher.n > 0) {
        json_key(j, "tls");
        json_object(j);
        json_some(j, "version", r->tls_version);
        json_some(j, "cipher", r->tls_cipher);
        json_end_object(j);
    }
    json_some(j, "auth_user", r->auth_user);
    json_field_int(j, "raw_index", (int64_t)r->raw_index);
    json_end_object(j);
}

static void
put_hops(struct json *j, const struct message *m)
{
    when before = WHEN_NONE;
    json_key(j, "hops");
    json_array(j);
    for (size_t i = m->nreceived; i > 0; i--) {
        const struct received *r = &m->received[i - 1];
        put_hop(j, r, m->nreceived - i + 1, before);
        if (r->at != WHEN_NONE)
            before = r->at;
    }
    json_end_array(j);
}

static void
put_result(struct json *j, const struct auth_recorded *r)
{
    json_object(j);
    json_field(j, "method", r->method);
    json_field(j, "result", r->result);
    json_some(j, "reason", r->reason);
    json_key(j, "properties");
    json_object(j);
    for (size_t i = 0; i < r->nproperties; i++) {
        bool again = false; /* a name counts once, else readers of JSON disagree on which */
        for (size_t k = 0; k < i; k++)
            again |= str_eq(r->properties[k].name, r->properties[i].name);
        if (again)
            continue;
        char key[PROPERTY_NAME_MAX];
        snprintf(key, sizeof key, "%.*s", PRSTR(r->properties[i].name));
        json_key(j, key);
        json_str(j, r->properties[i].value);
    }
    json_end_object(j);
    json_end_object(j);
}

static void
put_recorded(struct json *j, const struct message *m)
{
    json_key(j, "recorded");
    json_array(j);
    for (size_t i = 0; i < m->nrecorded; i++) {
        const struct auth_results *r = &m->recorded[i];
        json_object(j);
        json_field(j, "authserv_id", r->authserv_id);
        json_field_int(j, "version", r->version);
        json_key(j, "results");
        json_array(j);
        for (size_t k = 0; k < r->nresults; k++)
            put_result(j, &r->results[k]);
        json_end_array(j);
        json_field_bool(j, "trusted", r->trusted);
        if (r->forged)
            json_field_bool(j, "forged", true);
        json_field(j, "header", r->header);
        if (r->instance > 0)
            json_field_int(j, "instance", r->instance);
        json_field_int(j, "raw_index", (int64_t)r->raw_index);
        json_end_object(j);
    }
    json_end_array(j);
}

static void
put_spam(struct json *j, const struct message *m)
{
    if (m->placement_by.n > 0) {
        json_key(j, "placement");
        json_object(j);
        json_some(j, "folder", m->placement_folder);
        json_some(j, "verdict", m->placement_verdict);
        json_field(j, "by", m->placement_by);
        json_end_object(j);
    }
    if (m->nspam == 0)
        return;
    json_key(j, "spam");
    json_array(j);
    for (size_t i = 0; i < m->nspam; i++) {
        json_object(j);
        json_field(j, "engine", m->spam[i].engine);
        json_some_double(j, "score", m->spam[i].score);
        json_some_double(j, "required", m->spam[i].required);
        json_some(j, "verdict", m->spam[i].verdict);
        json_some(j, "tests", m->spam[i].tests);
        json_end_object(j);
    }
    json_end_array(j);
}

/* X-Received: the way inside of Gmail, beside the hops. */
static void
put_side_hops(struct json *j, const struct message *m)
{
    struct arena a = { 0 };
    int n = 0;
    for (size_t i = 0; i < m->nheaders && n < SIDE_HOPS_MAX; i++) {
        struct received r;
        if (!str_ieq(m->headers[i].name, S("X-Received")) || !received_parse(&a, m->headers[i].value, &r))
            continue;
        if (n++ == 0) {
            json_key(j, "x_received");
            json_array(j);
        }
        json_object(j);
        json_some(j, "by", r.by);
        json_some(j, "protocol", r.protocol);
        json_some(j, "id", r.id);
        json_some_when(j, "at", r.at);
        json_field_int(j, "raw_index", (int64_t)i);
        json_end_object(j);
    }
    if (n)
        json_end_array(j);
    arena_free(&a);
}

/* What providers and senders say of themselves: the author's address, the client at the border, bulk senders' ids. */
static void
put_origin(struct json *j, const struct message *m)
{
    static const struct {
        const char *header, *key;
    } ips[] = { { "X-Originating-IP", "originating_ip" }, { "X-Sender-IP", "sender_ip" } };
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof ips / sizeof *ips; i++) {
        str value = message_header_value(m, ips[i].header), bare = str_unwrap(value, '[', ']');
        json_some(j, ips[i].key, ip_text(&a, bare.p ? bare : value));
    }
    str feedback = header_unfold(&a, message_header_value(m, "Feedback-ID"));
    json_some(j, "feedback_id", feedback);
    if (feedback.n) { /* its last part names the sender */
        struct str_cut last = str_rcut(feedback, ':');
        json_some(j, "feedback_sender", str_trim(last.found ? last.tail : feedback));
    }
    arena_free(&a);
}

void
message_json(struct json *j, const struct message *m)
{
    json_some(j, "message_id", m->message_id);
    json_some_when(j, "date", m->date);
    json_some_when(j, "original_arrival", m->original_arrival);
    put_from(j, m);
    if (m->has_return_path)
        json_field(j, "return_path", m->return_path);
    json_some(j, "subject", m->subject);
    json_some(j, "delivered_to", m->delivered_to);
    put_hops(j, m);
    put_recorded(j, m);
    put_spam(j, m);
    put_side_hops(j, m);
    put_origin(j, m);
    if (m->nproblems > 0) {
        json_key(j, "problems");
        json_array(j);
        for (size_t i = 0; i < m->nproblems; i++)
            json_str(j, str_from(m->problems[i]));
        json_end_array(j);
    }
}
