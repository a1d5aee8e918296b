/* TLS reports (RFC 8460 section 4.4), read leniently.
 *
 * What the world writes otherwise: keys with "_" for "-", mx-host as a string or a list or under its draft
 * name, counts as texts, single objects where lists belong, contact-info null, no policy-domain, files cut
 * short.  Of a value of a wrong type the report's problems tell; it costs nothing else. */
#include "tlsrpt_read.h"

#include "buf.h"
#include "dmarc_value.h"
#include "hash.h"
#include "json_read.h"

enum { MAX_POLICIES = 20000, MAX_FAILURES = 200000, KEYS_LOOKED_AT = 64 << 10 };

struct reading {
    struct arena *a;
    struct tls_report *r;
    struct buf problems;
    size_t failures;
};

int
tlsrpt_recognise(str head)
{
    static const char *const keys[] = { "\"organization-name\"", "\"date-range\"",
                                        "\"contact-info\"",      "\"report-id\"",
                                        "\"policies\"",          "\"start-datetime\"",
                                        "\"policy-type\"",       "\"total-successful-session-count\"",
                                        "\"failure-details\"",   "\"organization_name\"",
                                        "\"report_id\"",         "\"date_range\"" };
    int known = 0;
    head = str_head(head, KEYS_LOOKED_AT);
    head = str_trim_left(str_skip_mark(head));
    if (head.n == 0 || (head.p[0] != '{' && head.p[0] != '['))
        return 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        known += str_has(head, str_from(keys[i]));
    return known >= 3 ? 95 : known == 2 ? 70 : 0;
}

static void
problem(struct reading *rd, const char *what, const char *key)
{
    if (rd->problems.n < 500)
        buf_printf(&rd->problems, "%s%s%s", rd->problems.n ? "; " : "", what, key);
}

/* In any case, with "_" for "-" or without. */
static bool
same_key(str said, const char *key)
{
    size_t i = 0;
    for (; *key; key++) {
        bool dash = *key == '-';
        if (i < said.n && (str_lower_char(said.p[i]) == *key || (dash && said.p[i] == '_')))
            i++;
        else if (!dash)
            return false;
    }
    return i == said.n;
}

static const struct json_value *
get(const struct json_value *object, const char *key)
{
    const struct json_value *exact = json_get(object, str_from(key));
    if (exact || !json_is(object, JSON_OBJECT))
        return exact;
    for (size_t i = 0; i < object->n; i++)
        if (same_key(object->items[i].name, key))
            return &object->items[i];
    return NULL;
}

/* The i-th of a list; what is no list is a list of one. */
static const struct json_value *
nth(const struct json_value *v, size_t i)
{
    if (json_is(v, JSON_ARRAY))
        return json_item(v, i);
    return i == 0 && json_is(v, JSON_OBJECT) ? v : NULL;
}

static str
joined(struct reading *rd, const struct json_value *v, const char *between)
{
    if (!json_is(v, JSON_ARRAY))
        return str_trim(json_text(v));
    struct buf b = { 0 };
    for (size_t i = 0; i < v->n; i++) {
        str one = str_trim(json_text(json_item(v, i)));
        if (one.n)
            buf_printf(&b, "%s%.*s", b.n ? between : "", PRSTR(one));
    }
    str s = arena_copy(rd->a, buf_str(&b));
    buf_free(&b);
    return s;
}

/* A text; a list of texts is joined, null is nothing. */
static str
text_of(struct reading *rd, const struct json_value *object, const char *key)
{
    const struct json_value *v = get(object, key);
    if (v && (v->kind == JSON_OBJECT || v->kind == JSON_BOOL))
        problem(rd, "no text: ", key);
    return joined(rd, v, ", ");
}

static int64_t
count_of(struct reading *rd, const struct json_value *object, const char *key)
{
    int64_t n;
    const struct json_value *v = get(object, key);
    if (v == NULL || v->kind == JSON_NULL)
        return -1;
    if ((json_to_int(v, &n) && n >= 0 && n < INT64_MAX) || dmarc_count(str_trim(json_text(v)), &n))
        return n;
    problem(rd, "no count: ", key);
    return -1;
}

static str
address_of(struct reading *rd, const struct json_value *object, const char *key)
{
    str address = { 0 }, said = text_of(rd, object, key);
    if (said.n && !dmarc_address(rd->a, said, &address))
        problem(rd, "no IP address: ", key);
    return address;
}

static when
time_of(struct reading *rd, const struct json_value *object, const char *key)
{
    when at;
    str said = str_trim(json_text(get(object, key)));
    if (said.n && dmarc_time(said, &at))
        return at;
    problem(rd, said.n ? "no time: " : "missing: ", key);
    return WHEN_NONE;
}

static void
read_failures(struct reading *rd, struct tls_policy *p, const struct json_value *list)
{
    size_t room = 0;
    const struct json_value *v;
    for (size_t i = 0; (v = nth(list, i)); i++) {
        if (!json_is(v, JSON_OBJECT)) {
            problem(rd, "no object in ", "failure-details");
            continue;
        }
        if (rd->failures++ >= MAX_FAILURES) {
            problem(rd, "too many ", "failure-details");
            return;
        }
        str more = text_of(rd, v, "additional-information");
        ARENA_PUSH(rd->a, p->failures, p->nfailures, room) = (struct tls_failure){
            .result_type = arena_lower(rd->a, text_of(rd, v, "result-type")),
            .sending_mta_ip = address_of(rd, v, "sending-mta-ip"),
            .receiving_mx_hostname = text_of(rd, v, "receiving-mx-hostname"),
            .receiving_mx_helo = text_of(rd, v, "receiving-mx-helo"),
            .receiving_ip = address_of(rd, v, "receiving-ip"),
            .failed_sessions = count_of(rd, v, "failed-session-count"),
            .additional_information = more.n ? more : text_of(rd, v, "additional-info-uri"),
            .failure_reason_code = text_of(rd, v, "failure-reason-code"),
        };
    }
    if (list && list->kind != JSON_NULL && nth(list, 0) == NULL && list->n == 0 && list->kind != JSON_ARRAY)
        problem(rd, "no list: ", "failure-details");
}

/* Beside the policy, where they belong, or in one of its parts. */
static const struct json_value *
failures_of(const struct json_value *v, const struct json_value *policy, const struct json_value *summary)
{
    const struct json_value *const places[] = { v, policy, summary };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const struct json_value *list = get(places[i], "failure-details");
        list = list ? list : get(places[i], "failure-detail");
        if (list)
            return list;
    }
    return NULL;
}

static void
read_policy(struct reading *rd, struct tls_policy *p, const struct json_value *v)
{
    const struct json_value *policy = nth(get(v, "policy"), 0), *summary = nth(get(v, "summary"), 0);
    if (summary == NULL)
        summary = nth(get(policy, "summary"), 0);
    if (!json_is(policy, JSON_OBJECT)) { /* its fields stand beside the others */
        policy = v;
        problem(rd, "missing: ", "policy");
    }
    if (!json_is(summary, JSON_OBJECT)) {
        summary = v;
        problem(rd, "missing: ", "summary");
    }
    str mx = joined(rd, get(policy, "mx-host"), ", ");
    *p = (struct tls_policy){
        .policy_type = arena_lower(rd->a, text_of(rd, policy, "policy-type")),
        .policy_domain = arena_lower(rd->a, text_of(rd, policy, "policy-domain")),
        .policy_string = joined(rd, get(policy, "policy-string"), "\n"),
        .mx_host = mx.n ? mx : joined(rd, get(policy, "mx-host-pattern"), ", "),
        .successful_sessions = count_of(rd, summary, "total-successful-session-count"),
        .failed_sessions = count_of(rd, summary, "total-failure-session-count"),
    };
    if (p->policy_domain.n == 0)
        problem(rd, "missing: ", "policy-domain");
    read_failures(rd, p, failures_of(v, policy, summary));
}

/* The first policy domain in the text: a report that was cut short names it, if it tells anything. */
static str
first_domain(struct arena *a, str text)
{
    size_t at = str_ifind(text, S("\"policy-domain\""));
    if (at == STR_NONE)
        return (str){ 0 };
    str rest = str_trim_left(str_skip(text, at + sizeof "\"policy-domain\"" - 1));
    rest = rest.n > 0 && rest.p[0] == ':' ? str_trim_left(str_skip(rest, 1)) : (str){ 0 };
    if (rest.n == 0 || rest.p[0] != '"')
        return (str){ 0 };
    return arena_lower(a, str_trim(str_cut(str_skip(rest, 1), '"').head));
}

/* Reporter, id, period, domain: one report, however often it is sent, and however much of it came. */
static uint64_t
key_of(struct reading *rd, str text)
{
    const struct tls_report *r = rd->r;
    uint64_t key = hash_bytes(arena_lower(rd->a, r->organization_name));
    key = hash_more(key, r->report_id.n ? r->report_id : text);
    key = hash_more_int(hash_more_int(key, r->begin_at), r->end_at);
    if (r->npolicies == 0)
        return key;
    str domain = r->policies[0].policy_domain;
    return hash_more(key, domain.n ? domain : first_domain(rd->a, text));
}

/* A text that was cut short, closed behind the last of its values that is whole; empty if none is.  *end:
 * where that ended. */
static str
mend(struct arena *a, str s, size_t *end)
{
    char open[JSON_MAX_DEPTH], kept[JSON_MAX_DEPTH];
    size_t depth = 0, kept_depth = 0, good = 0;
    bool string = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (string) {
            i += c == '\\';
            string = c != '"';
            continue;
        }
        string = c == '"';
        if (c == '{' || c == '[') {
            if (depth >= sizeof open)
                break;
            open[depth++] = c == '{' ? '}' : ']';
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
            good = i + 1;
            memcpy(kept, open, depth);
            kept_depth = depth;
        }
    }
    *end = good;
    if (good == 0)
        return (str){ 0 };
    char *out = arena_alloc(a, good + kept_depth + 1);
    memcpy(out, s.p, good);
    for (size_t i = 0; i < kept_depth; i++)
        out[good + i] = kept[kept_depth - 1 - i];
    return str_of(out, good + kept_depth);
}

static const struct json_value *
read_json(struct reading *rd, str text, struct json_fault *fault)
{
    const struct json_value *v = json_read(rd->a, text, fault);
    if (v)
        return v;
    size_t end;
    str mended = mend(rd->a, text, &end);
    v = mended.n ? json_read(rd->a, mended, NULL) : NULL;
    if (v) {
        problem(rd, "the report is damaged: ", fault->why);
        fault->offset = end;
    }
    return v;
}

/* A report that is the one member of an object that says nothing of itself: {"report": {...}}. */
static const struct json_value *
unwrapped(const struct json_value *v)
{
    if (!json_is(v, JSON_OBJECT) || get(v, "policies") || get(v, "organization-name"))
        return v;
    const struct json_value *found = NULL;
    for (size_t i = 0; i < v->n; i++) {
        const struct json_value *one = nth(&v->items[i], 0);
        if (get(one, "policies") == NULL)
            continue;
        if (found || nth(&v->items[i], 1))
            return v; /* which one? */
        found = one;
    }
    return found ? found : v;
}

bool
tlsrpt_parse(struct arena *a, str text, struct tls_report *out, const char **why, size_t *where)
{
    struct json_fault fault = { 0 };
    *out = (struct tls_report){ .begin_at = WHEN_NONE, .end_at = WHEN_NONE };
    struct reading rd = { .a = a, .r = out };
    const struct json_value *v = unwrapped(nth(read_json(&rd, text, &fault), 0));
    *why = fault.why;
    *where = fault.offset;
    if (!json_is(v, JSON_OBJECT)) {
        *why = fault.why ? fault.why : "no JSON object";
        buf_free(&rd.problems);
        return false;
    }
    const struct json_value *range = get(v, "date-range"), *list = get(v, "policies"), *item;
    out->organization_name = text_of(&rd, v, "organization-name");
    out->contact_info = text_of(&rd, v, "contact-info");
    out->report_id = text_of(&rd, v, "report-id");
    out->begin_at = time_of(&rd, range, "start-datetime");
    out->end_at = time_of(&rd, range, "end-datetime");
    size_t room = 0;
    for (size_t i = 0; i < MAX_POLICIES && (item = nth(list, i)); i++) {
        struct tls_policy p;
        if (!json_is(item, JSON_OBJECT)) {
            problem(&rd, "no object in ", "policies");
            continue;
        }
        read_policy(&rd, &p, item);
        ARENA_PUSH(a, out->policies, out->npolicies, room) = p;
    }
    if (out->organization_name.n == 0)
        problem(&rd, "missing: ", "organization-name");
    if (out->report_id.n == 0)
        problem(&rd, "missing: ", "report-id");
    if (out->npolicies == 0)
        problem(&rd, "missing: ", "policies");
    out->problems = arena_copy(a, buf_str(&rd.problems));
    buf_free(&rd.problems);
    bool any = out->npolicies > 0 || (!fault.why && out->organization_name.n && out->report_id.n);
    if (!any)
        *why = fault.why ? fault.why : "no TLS report (RFC 8460 4.4)";
    out->report_key = key_of(&rd, text);
    return any;
}

static int
recognise(str head, bool eof)
{
    (void)eof;
    return tlsrpt_recognise(head);
}

static bool
read_source(struct source *s, const struct ingest_options *options, struct sink *sink)
{
    (void)options;
    return report_read_source(s, sink);
}

const struct format format_tlsrpt = {
    .name = "tlsrpt",
    .kind = "report",
    .description = "TLS reports: JSON, also gzipped (RFC 8460)",
    .recognise = recognise,
    .read = read_source,
};
