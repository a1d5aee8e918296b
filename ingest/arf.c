/* Feedback reports: complaints and authentication failures.
 *
 * The machine-readable part is known by its fields rather than by its type,
 * which gateways change.  Without one there are two forms that the world sends:
 * the plain text of Exim's and cPanel's DMARC filters, and the bare forwarded
 * message of a complaint.  What the report means for the message is analyze's
 * business. */
#include "arf.h"

#include "dmarc_value.h"
#include "hash.h"
#include "message_read.h"

static when
date_of(str s)
{
    when at;
    return s.n && dmarc_time(s, &at) ? at : WHEN_NONE;
}

static void
take_ip(struct arena *a, struct feedback *f, str said)
{
    f->raw_source_ip = said;
    if (said.n && said.p[0] == '(') /* a comment (RFC 5965 3.2) */
        said = str_trim_left(str_skip(said, header_comment_length(said)));
    if (!dmarc_address(a, said, &f->source_ip))
        f->source_ip = (str){ 0 };
}

/* What the mail around the report tells. */
static struct feedback
begin(struct arena *a, const struct message *mail)
{
    struct feedback f = { .at = mail->date, .arrival_at = WHEN_NONE, .incidents = -1 };
    f.report_message_id = mail->message_id;
    f.reported_by = mail->nfrom ? mail->from[0].address : (str){ 0 };
    (void)a;
    return f;
}

/* What the copy of the reported message tells, where the report itself does not. */
static void
take_original(struct arena *a, struct feedback *f, str headers)
{
    struct message m;
    f->original_headers = headers;
    message_parse_headers(&m, a, headers);
    str id = message_id_of(report_field(a, &m, "Message-ID"));
    if (id.n)
        f->original_message_id = id;
    f->original_subject = report_field(a, &m, "Subject");
    struct address *list;
    if (address_parse_list(a, message_header_value(&m, "From"), &list) > 0)
        f->original_from = list[0].address;
    const char *const to[] = { "X-HmXmrOriginalRecipient", "X-Original-To", "To" };
    for (size_t i = 0; i < sizeof to / sizeof *to && f->original_rcpt_to.n == 0; i++)
        if (address_parse_list(a, message_header_value(&m, to[i]), &list) == 1)
            f->original_rcpt_to = list[0].address;
    const struct header *path = message_header(&m, "Return-Path", NULL);
    if (!f->has_mail_from && path) {
        f->has_mail_from = true;
        f->original_mail_from = report_address(header_unfold(a, path->value));
    }
    if (f->original_message_id.n)
        f->message_key = hash_bytes(f->original_message_id);
}

static void
finish(struct feedback *f, str body)
{
    uint64_t key = hash_bytes(f->report_message_id);
    key = report_hash(key, body);
    f->key = report_hash(key, f->original_headers);
    bool auth = str_starts(f->feedback_type, S("auth-failure")) || str_eq(f->feedback_type, S("dmarc"));
    f->is_failure = auth || (f->feedback_type.n == 0 && f->auth_failure.n > 0);
}

static str
address_list(struct arena *a, const struct message *m, const char *name)
{
    str all = { 0 };
    size_t at = 0;
    for (const struct header *h; (h = message_header(m, name, &at));) {
        str one = report_address(report_typed(header_unfold(a, h->value), NULL));
        if (one.n)
            all = all.n ? arena_join(a, all, S(", "), one) : one;
    }
    return all;
}

/* A word, without a comment behind it or the quotes that some put around it. */
static str
bare_word(str value)
{
    value = str_trim(str_cut(value, '(').head);
    bool quoted = value.n > 1 && value.p[0] == '"' && value.p[value.n - 1] == '"';
    return quoted ? str_trim(str_of(value.p + 1, value.n - 2)) : value;
}

static void
take_fields(struct arena *a, struct feedback *f, const struct message *m)
{
    const struct {
        const char *name;
        str *to;
    } texts[] = {
        { "Version", &f->version },
        { "User-Agent", &f->user_agent },
        { "Authentication-Results", &f->authentication_results },
        { "Auth-Failure", &f->auth_failure },
        { "Delivery-Result", &f->delivery_result },
        { "Identity-Alignment", &f->identity_alignment },
        { "DKIM-Domain", &f->dkim_domain },
        { "DKIM-Selector", &f->dkim_selector },
        { "DKIM-Identity", &f->dkim_identity },
        { "Original-Envelope-Id", &f->original_envelope_id },
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i].to = report_field(a, m, texts[i].name);
    f->feedback_type = arena_lower(a, bare_word(report_field(a, m, "Feedback-Type")));
    f->spf_dns = report_fields_joined(a, m, "SPF-DNS", "; ");
    f->reported_domain = arena_lower(a, report_fields_joined(a, m, "Reported-Domain", ", "));
    f->reported_uri = report_fields_joined(a, m, "Reported-URI", ", ");
    f->reporting_mta = report_typed(report_field(a, m, "Reporting-MTA"), NULL);
    take_ip(a, f, report_field(a, m, "Source-IP"));
    str arrival = report_field(a, m, "Arrival-Date");
    f->arrival_at = date_of(arrival.n ? arrival : report_field(a, m, "Received-Date"));
    int64_t incidents;
    if (dmarc_count(report_field(a, m, "Incidents"), &incidents))
        f->incidents = incidents;
    if (message_header(m, "Original-Mail-From", NULL)) {
        f->has_mail_from = true;
        f->original_mail_from = report_address(report_field(a, m, "Original-Mail-From"));
    }
    f->original_rcpt_to = address_list(a, m, "Original-Rcpt-To");
    if (f->original_rcpt_to.n == 0)
        f->original_rcpt_to = address_list(a, m, "Removal-Recipient");
    static const char *const ids[] = { "Original-Message-ID", "Message-ID", "X-Original-Message-ID" };
    for (size_t i = 0; i < sizeof ids / sizeof *ids && f->original_message_id.n == 0; i++) {
        str said = report_field(a, m, ids[i]);
        str id = message_id_of(said);
        f->original_message_id = id.n ? id : said;
    }
    if (f->original_message_id.n)
        f->message_key = hash_bytes(f->original_message_id);
}

/* The fields of a part that is a feedback report, whatever type it says it is of. */
static bool
is_feedback(struct arena *a, const struct mime_part *part, struct message *fields)
{
    enum { LOOK_AT = 4096 };
    bool said = str_eq(part->content_type, S("message/feedback-report"));
    if (!said && str_ifind(str_head(part->body, LOOK_AT), S("Feedback-Type:")) == STR_NONE)
        return false;
    *fields = report_fields(a, part->body, NULL);
    if (said && fields->nheaders == 0) /* the blank line before them is missing */
        *fields = report_fields(a, part->headers, NULL);
    return message_header(fields, "Feedback-Type", NULL) || (said && fields->nheaders > 1);
}

/* How the text of Exim's filters begins. */
static bool
says_failed(str text)
{
    enum { LOOK_AT = 200 }; /* who quotes it says something before it */
    return str_ifind(str_head(text, LOOK_AT), S("failed the published DMARC")) != STR_NONE;
}

/* A DMARC filter's text: "Sender Domain: example.com" and its like, each on a line. */
static bool
read_plain(struct arena *a, struct feedback *f, str text)
{
    str ip = { 0 }, domain = { 0 }, arrived = { 0 }, spf = { 0 }, dkim = { 0 }, result = { 0 };
    const struct {
        const char *name;
        str *to;
    } rows[] = {
        { "Sender Domain", &domain },   { "Sender IP Address", &ip }, { "Received date", &arrived },
        { "SPF Alignment", &spf },      { "DKIM Alignment", &dkim },  { "DMARC Results", &result },
        { "Source IP Address", &ip },   { "Source IP", &ip },         { "From Domain", &domain },
        { "Reported Domain", &domain }, { "Arrival Date", &arrived },
    };
    if (str_ifind(text, S("DMARC")) == STR_NONE)
        return false;
    size_t headers = report_find_headers(text);
    for (str rest = headers == STR_NONE ? text : str_head(text, headers); rest.n;) {
        struct str_cut line = str_cut(rest, '\n'), c = str_cut(line.head, ':');
        rest = line.tail;
        for (size_t i = 0; c.found && i < sizeof rows / sizeof *rows; i++)
            if (rows[i].to->n == 0 && str_ieq(str_trim(c.head), str_from(rows[i].name)))
                *rows[i].to = str_trim(c.tail);
    }
    if (domain.n == 0 || (ip.n == 0 && !says_failed(text)))
        return false;
    bool by_spf = str_istarts(spf, S("y")), by_dkim = str_istarts(dkim, S("y"));
    f->feedback_type = S("auth-failure");
    f->auth_failure = S("dmarc");
    f->reported_domain = arena_lower(a, domain);
    take_ip(a, f, ip);
    f->arrival_at = date_of(arrived);
    if (spf.n + dkim.n)
        f->identity_alignment = by_spf && by_dkim ? S("dkim, spf")
                                : by_spf          ? S("spf")
                                : by_dkim         ? S("dkim")
                                                  : S("none");
    struct str_cut what = str_cut(result, ',');
    f->delivery_result = arena_lower(a, str_trim(what.tail));
    return true;
}

/* "complaint about message from 192.0.2.1", with nothing but the message (Microsoft's JMRP). */
static bool
is_bare_complaint(struct arena *a, const struct report_parts *p, struct feedback *f)
{
    static const char begins[] = "complaint about message from ";
    str subject = str_trim(p->mail->subject);
    if (!str_istarts(subject, str_from(begins)))
        return false;
    f->feedback_type = S("abuse");
    take_ip(a, f, str_trim(str_skip(subject, sizeof begins - 1)));
    return true;
}

/* The X-ARF form (0.1 and 0.2): fields of its own names in a text part.  Of attacks other than by mail it is
 * no complaint about a message. */
static bool
read_xarf(struct arena *a, const struct mime_part *part, struct feedback *f)
{
    enum { LOOK_AT = 4096 };
    if (str_ifind(str_head(part->body, LOOK_AT), S("Reported-From:")) == STR_NONE)
        return false;
    struct message m = report_fields(a, part->body, NULL);
    str type = report_field(a, &m, "Report-Type"), service = report_field(a, &m, "Service");
    bool mail = str_ieq(type, S("spam")) || str_ieq(type, S("phishing")) || str_istarts(service, S("smtp")) ||
                str_istarts(service, S("mail"));
    if (!mail || message_header(&m, "Source", NULL) == NULL)
        return false;
    str category = report_field(a, &m, "Category");
    f->feedback_type = arena_lower(a, category.n ? category : type);
    f->version = report_field(a, &m, "Version");
    f->user_agent = report_field(a, &m, "User-Agent");
    f->arrival_at = date_of(report_field(a, &m, "Date"));
    take_ip(a, f, report_field(a, &m, "Source"));
    return true;
}

bool
feedback_from_parts(struct arena *a, const struct report_parts *p, size_t *at, struct feedback *out)
{
    struct message fields;
    size_t from = *at;
    for (size_t i = from; i < p->n; i++) {
        if (!is_feedback(a, &p->parts[i], &fields))
            continue;
        *out = begin(a, p->mail);
        take_fields(a, out, &fields);
        take_original(a, out, report_original(a, p, i));
        finish(out, p->parts[i].body);
        *at = i + 1;
        return true;
    }
    *at = p->n;
    if (from > 0)
        return false;
    *out = begin(a, p->mail);
    bool about = str_ifind(p->mail->subject, S("DMARC")) != STR_NONE;
    for (size_t i = 0; i < p->n; i++) {
        const struct mime_part *part = &p->parts[i];
        bool text = str_eq(part->content_type, S("text/plain")) || str_eq(part->content_type, S("text/html"));
        if (!text || !(about || says_failed(part->body)) || !read_plain(a, out, report_text(a, part)))
            continue;
        take_original(a, out, report_original(a, p, i));
        finish(out, part->body);
        return true;
    }
    for (size_t i = 0; i < p->n; i++) {
        if (!read_xarf(a, &p->parts[i], out))
            continue;
        take_original(a, out, report_original(a, p, i));
        finish(out, p->parts[i].body);
        return true;
    }
    if (p->n == 0 || !is_bare_complaint(a, p, out))
        return false;
    for (size_t i = 0; i < p->n; i++)
        if (p->parts[i].nested.n) {
            struct message m = report_fields(a, p->parts[i].nested, NULL);
            take_original(a, out, str_head(m.raw, m.body_offset));
            break;
        }
    finish(out, p->mail->subject);
    return true;
}
