/* Delivery status notifications as RFC 3464 has them, read leniently.
 *
 * The part with the fields is known by its type or by what it says.  What it
 * leaves open (the reply, the message it is about) is looked for in the words
 * for people, in the returned headers and in those of the notification itself.
 * Notices without fields are dsn_prose.c's business, outcomes analyze's. */
#include "dmarc_value.h"
#include "dsn_notice.h"
#include "dsn_read.h"
#include "event.h"
#include "hash.h"

static const char *const status_types[] = { "message/delivery-status", "message/global-delivery-status",
                                            NULL };
static const char *const text_types[] = { "text/plain", "text/html", NULL };

/* The fields ---------------------------------------------------------------------------------------- */

static when
date_field(struct arena *a, const struct message *m, const char *name)
{
    when at;
    str s = report_field(a, m, name);
    return s.n && dmarc_time(s, &at) ? at : WHEN_NONE;
}

static str
host_field(struct arena *a, const struct message *m, const char *name)
{
    str s = report_typed(report_field(a, m, name), NULL);
    size_t n = 0;
    while (n < s.n && !str_is_space(s.p[n]) && s.p[n] != '(')
        n++;
    s = str_head(s, n);
    return s.n > 1 && str_ends(s, S(".")) ? str_head(s, s.n - 1) : s;
}

static str
address_field(struct arena *a, const struct message *m, const char *name)
{
    const struct header *h = message_header(m, name, NULL);
    return h ? report_address(report_typed(header_unfold(a, h->value), NULL)) : (str){ 0 };
}

/* Original-Recipient as it stood in ORCPT: "+2B" and "+3D" of xtext (RFC 3461 4), which nobody's "+" needs. */
static str
from_xtext(struct arena *a, str s)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        str code = str_head(str_skip(s, i), 3);
        bool plus = str_eq(code, S("+2B")), equals = str_eq(code, S("+3D"));
        out[n++] = plus ? '+' : equals ? '=' : s.p[i];
        i += plus || equals ? 2 : 0;
    }
    return str_of(out, n);
}

static void
set_some(str *to, str value)
{
    if (to->n == 0)
        *to = value;
}

/* Queue ids come under a name of each program: X-Postfix-Queue-ID. */
static str
queue_id_field(const struct message *m)
{
    for (size_t i = 0; i < m->nheaders; i++) {
        str name = m->headers[i].name;
        if (name.n > 9 && str_ieq(str_skip(name, name.n - 9), S("-Queue-ID")))
            return str_trim(m->headers[i].value);
    }
    return (str){ 0 };
}

static void
take_message_fields(struct arena *a, struct dsn *d, const struct message *m)
{
    set_some(&d->reporting_mta, host_field(a, m, "Reporting-MTA"));
    set_some(&d->received_from_mta, host_field(a, m, "Received-From-MTA"));
    set_some(&d->envelope_id, report_field(a, m, "Original-Envelope-Id"));
    set_some(&d->original_queue_id, queue_id_field(m));
    set_some(&d->original_mail_from, address_field(a, m, "X-Postfix-Sender"));
    set_some(&d->original_message_id, message_id_of(report_field(a, m, "X-Original-Message-ID")));
    set_some(&d->original_message_id, message_id_of(report_field(a, m, "Original-Message-ID")));
    if (d->arrival_at == WHEN_NONE)
        d->arrival_at = date_field(a, m, "Arrival-Date");
}

static str
first_word(str s)
{
    return str_word(str_trim(s), "(;");
}

static void
take_recipient_fields(struct arena *a, struct dsn_recipient *r, const struct message *m)
{
    set_some(&r->final_recipient, address_field(a, m, "Final-Recipient"));
    set_some(&r->original_recipient, from_xtext(a, address_field(a, m, "Original-Recipient")));
    str actual = address_field(a, m, "X-Actual-Recipient");
    if (actual.n && str_find_char(actual, '@') != STR_NONE)
        r->final_recipient = actual;
    if (r->action == DSN_UNKNOWN)
        r->action = dsn_action_from(first_word(report_field(a, m, "Action")));
    set_some(&r->status, first_word(report_field(a, m, "Status")));
    set_some(&r->remote_mta, host_field(a, m, "Remote-MTA"));
    set_some(&r->final_log_id, report_field(a, m, "Final-Log-ID"));
    if (r->reply.n == 0)
        r->reply =
            dsn_one_line(a, report_typed(report_fields_joined(a, m, "Diagnostic-Code", " "), &r->reply_type));
    if (r->last_attempt_at == WHEN_NONE)
        r->last_attempt_at = date_field(a, m, "Last-Attempt-Date");
    if (r->will_retry_until == WHEN_NONE)
        r->will_retry_until = date_field(a, m, "Will-Retry-Until");
}

static bool
has(const struct message *m, const char *name)
{
    return message_header(m, name, NULL) != NULL;
}

/* How many fields from one on are those of one recipient: some programs leave no blank line before the next. */
static size_t
fields_of_one(const struct message *m, size_t from)
{
    size_t first = from;
    while (first < m->nheaders && !str_ieq(m->headers[first].name, S("Final-Recipient")) &&
           !str_ieq(m->headers[first].name, S("Original-Recipient")))
        first++;
    for (size_t i = first + 1; i < m->nheaders; i++)
        if (str_ieq(m->headers[i].name, m->headers[first].name) &&
            !str_eq(str_trim(m->headers[i].value), str_trim(m->headers[first].value)))
            return i - from;
    return m->nheaders - from;
}

static void
take_group(struct arena *a, struct dsn *d, const struct message *m, size_t *room)
{
    take_message_fields(a, d, m);
    bool names = has(m, "Final-Recipient") || has(m, "Original-Recipient");
    bool tells = has(m, "Action") || has(m, "Status") || has(m, "Diagnostic-Code");
    struct dsn_recipient *last = d->nrecipients ? &d->recipients[d->nrecipients - 1] : NULL;
    bool open = last && last->final_recipient.n == 0 && last->action == DSN_UNKNOWN && last->status.n == 0;
    if (names && !open)
        ARENA_PUSH(a, d->recipients, d->nrecipients, *room) =
            (struct dsn_recipient){ .last_attempt_at = WHEN_NONE, .will_retry_until = WHEN_NONE };
    if ((names || tells) && d->nrecipients)
        take_recipient_fields(a, &d->recipients[d->nrecipients - 1], m);
}

/* Where a line of blanks alone ends a group: it continues a field only where more of that field follows. */
static size_t
group_length(str text)
{
    bool begun = false;
    for (str rest = text; rest.n > 0;) {
        struct str_cut c = str_cut(rest, '\n');
        bool more = c.tail.n > 0 && (c.tail.p[0] == ' ' || c.tail.p[0] == '\t');
        if (str_trim(c.head).n > 0)
            begun = true;
        else if (begun && !more)
            return text.n - rest.n;
        rest = c.tail;
    }
    return text.n;
}

/* The fields up to such a line; some programs leave blank lines inside of a recipient's. */
static void
read_group(struct arena *a, struct dsn *d, str text, size_t *room)
{
    while (text.n > 0 && d->nrecipients < DSN_MAX_RECIPIENTS) {
        str rest;
        struct message m = report_fields(a, text, &rest);
        text = m.nheaders ? rest : str_cut(m.raw, '\n').tail; /* or a line that is no field */
        for (size_t from = 0; from < m.nheaders && d->nrecipients < DSN_MAX_RECIPIENTS;) {
            struct message one = m;
            one.headers += from;
            one.nheaders = fields_of_one(&m, from);
            take_group(a, d, &one, room);
            from += one.nheaders;
        }
    }
}

static void
read_groups(struct arena *a, struct dsn *d, str text)
{
    size_t room = 0;
    while (text.n > 0 && d->nrecipients < DSN_MAX_RECIPIENTS) {
        size_t n = group_length(text);
        read_group(a, d, str_head(text, n), &room);
        text = str_skip(text, n);
    }
}

/* What it is about --------------------------------------------------------------------------------- */

/* The last of the ids in a References or In-Reply-To field. */
static str
last_id(str value)
{
    size_t open = str_rfind_char(value, '<');
    return open == STR_NONE ? (str){ 0 } : message_id_of(str_skip(value, open));
}

static void
take_original(struct arena *a, struct dsn *d, str headers)
{
    struct message m;
    struct address *list;
    message_parse_headers(&m, a, headers);
    str id = message_id_of(report_field(a, &m, "Message-ID"));
    if (id.n)
        d->original_message_id = id;
    d->original_subject = report_field(a, &m, "Subject");
    if (address_parse_list(a, message_header_value(&m, "From"), &list) > 0)
        d->original_from = list[0].address;
    d->original_date = date_field(a, &m, "Date");
    const struct header *path = message_header(&m, "Return-Path", NULL);
    if (path)
        set_some(&d->original_mail_from, report_address(header_unfold(a, path->value)));
    if (d->nrecipients == 1 && d->recipients[0].final_recipient.n == 0 &&
        address_parse_list(a, message_header_value(&m, "To"), &list) == 1)
        d->recipients[0].final_recipient = list[0].address;
}

/* "Message-ID: <...>" among the words of a notice that returns no headers. */
static void
take_said_id(struct dsn *d, str text)
{
    for (size_t at; d->original_message_id.n == 0 && (at = str_ifind(text, S("Message-ID:"))) != STR_NONE;) {
        text = str_trim_left(str_skip(text, at + 11));
        if (text.n > 0 && text.p[0] == '<')
            d->original_message_id = message_id_of(str_cut(text, '\n').head);
    }
}

/* Exim's warnings return nothing, but name their queue id. */
static void
take_said_queue_id(struct dsn *d, str text)
{
    size_t at = str_find(text, S("The message identifier is:"));
    if (at != STR_NONE && d->original_queue_id.n == 0)
        d->original_queue_id = first_word(str_cut(str_skip(text, at + 26), '\n').head);
}

static void
take_mail(struct arena *a, struct dsn *d, const struct message *mail)
{
    d->at = mail->date;
    for (size_t i = 0; i < mail->nreceived && d->at == WHEN_NONE; i++)
        d->at = mail->received[i].at;
    d->message_id = mail->message_id;
    d->subject = mail->subject;
    d->reported_by = mail->nfrom ? mail->from[0].address : (str){ 0 };
    set_some(&d->original_message_id, last_id(report_field(a, mail, "In-Reply-To")));
    set_some(&d->original_message_id, last_id(report_field(a, mail, "References")));
    struct address *list;
    set_some(&d->original_mail_from, mail->delivered_to); /* it came to the envelope sender */
    if (d->original_mail_from.n == 0 && address_parse_list(a, message_header_value(mail, "To"), &list) == 1)
        d->original_mail_from = list[0].address;
    if (d->reporting_mta.n == 0 && mail->nfrom)
        d->reporting_mta = mail->from[0].domain;
}

/* The notice for people beside a part, where there is one. */
enum { NOTICE_MAX = 64 << 10 };
static str
notice_text(struct arena *a, const struct report_parts *p, size_t status)
{
    size_t i = report_part_of_type(p, 0, text_types);
    if (i == STR_NONE || i > status || p->parts[i].nested.p != p->parts[status].nested.p)
        return (str){ 0 };
    struct mime_part part = p->parts[i];
    part.body = str_head(part.body, NOTICE_MAX); /* each status part looks at it */
    return report_text(a, &part);
}

enum { LOOKED_FOR = 200 }; /* recipients whose reply is looked for in the words for people */

/* Else it is a name of that host's own: "ana", "ana@ims-ms-daemon". */
static bool
has_domain(str address)
{
    return str_find_char(str_rcut(address, '@').tail, '.') != STR_NONE &&
           str_find_char(address, '@') != STR_NONE;
}

static void
settle_recipients(struct arena *a, struct dsn *d, str notice)
{
    size_t kept = 0;
    for (size_t i = 0; i < d->nrecipients; i++) {
        struct dsn_recipient r = d->recipients[i];
        if (r.final_recipient.n == 0 || (!has_domain(r.final_recipient) && has_domain(r.original_recipient)))
            r.final_recipient = r.original_recipient;
        if (r.reply.n == 0 && i < LOOKED_FOR)
            r.reply = dsn_reply_in_text(a, notice, r.final_recipient);
        dsn_read_reply(&r);
        if (r.action == DSN_UNKNOWN) {
            int class = r.enhanced.n ? r.enhanced.p[0] : '0' + r.code / 100;
            r.action = class == '5'   ? DSN_FAILED
                       : class == '4' ? DSN_DELAYED
                       : class == '2' ? DSN_DELIVERED
                                      : DSN_FAILED;
        }
        if (r.final_recipient.n)
            d->recipients[kept++] = r;
    }
    d->nrecipients = kept;
}

static void
finish(struct dsn *d, str body)
{
    uint64_t key = hash_bytes(d->message_id);
    key = hash_more(key, d->original_message_id);
    for (size_t i = 0; i < d->nrecipients; i++)
        key = hash_more(hash_more(key, d->recipients[i].final_recipient), d->recipients[i].reply);
    d->dsn_key = d->message_id.n ? key : report_hash(key, body);
    d->message_key = d->original_message_id.n ? hash_bytes(d->original_message_id) : 0;
}

enum { LOOK_AT = 4096 }; /* of a part, for what it is */

/* Any order of fields, if the group is whole. */
static bool
has_action(str head)
{
    return str_istarts(str_trim_left(head), S("Action:")) ||
           str_istarts(str_trim_left(head), S("Arrival-Date:")) ||
           str_istarts(str_trim_left(head), S("Received-From-MTA:")) ||
           str_istarts(str_trim_left(head), S("X-"));
}

/* A receipt for the reader's sake (RFC 8098) is none, but for that of a Sieve script that rejects (RFC 5429). */
static bool
is_receipt(struct arena *a, const struct report_parts *p, size_t i)
{
    static const char *const receipts[] = { "message/disposition-notification", NULL };
    struct report_parts part = { p->mail, &p->parts[i], 1 };
    if (report_part_of_type(&part, 0, receipts) != 0 &&
        str_ifind(str_head(p->parts[i].body, LOOK_AT), S("\nDisposition:")) == STR_NONE)
        return false;
    return str_ifind(notice_text(a, p, i), S("automatically rejected")) == STR_NONE;
}

/* Whether a part is fields, whatever type it says it is of. */
static bool
is_status(struct arena *a, const struct report_parts *p, size_t i)
{
    const struct mime_part *part = &p->parts[i];
    if (report_part_of_type(&(struct report_parts){ p->mail, part, 1 }, 0, status_types) == 0)
        return true;
    str head = str_head(part->body, LOOK_AT);
    size_t begins = str_ifind(head, S("Final-Recipient:"));
    return begins != STR_NONE && (begins == 0 || head.p[begins - 1] == '\n') && !is_receipt(a, p, i) &&
           (str_istarts(str_trim_left(head), S("Reporting-MTA:")) ||
            str_istarts(str_trim_left(head), S("Final-Recipient:")) ||
            str_istarts(str_trim_left(head), S("Original-Recipient:")) ||
            str_istarts(str_trim_left(head), S("Original-Envelope-Id:")) ||
            str_istarts(str_trim_left(head), S("Reporting-UA:")) || has_action(head));
}

static struct dsn
empty_dsn(const char *form)
{
    return (struct dsn){ .form = form, .at = WHEN_NONE, .arrival_at = WHEN_NONE, .original_date = WHEN_NONE };
}

static bool
from_fields(struct arena *a, const struct report_parts *p, size_t i, struct dsn *d)
{
    *d = empty_dsn("rfc3464");
    read_groups(a, d, p->parts[i].body);
    if (d->nrecipients == 0)
        return false;
    str notice = notice_text(a, p, i);
    take_original(a, d, report_original(a, p, i));
    take_said_id(d, notice);
    take_said_queue_id(d, notice);
    take_mail(a, d, p->mail);
    settle_recipients(a, d, notice);
    finish(d, p->parts[i].body);
    return d->nrecipients > 0;
}

/* Fields among the words for people, as where a gateway made one text of all parts. */
static bool
from_inline_fields(struct arena *a, const struct report_parts *p, struct dsn *d)
{
    size_t i = report_part_of_type(p, 0, text_types);
    if (i == STR_NONE || dsn_sender_of(a, p->mail) == DSN_NO_MACHINE)
        return false;
    str text = report_text(a, &p->parts[i]);
    size_t first = str_ifind(text, S("\nFinal-Recipient:")), mta = str_ifind(text, S("\nReporting-MTA:"));
    if (first == STR_NONE ||
        (str_ifind(text, S("\nAction:")) == STR_NONE && str_ifind(text, S("\nStatus:")) == STR_NONE))
        return false;
    str fields = str_skip(text, (mta < first ? mta : first) + 1);
    size_t copy = report_find_headers(fields);
    *d = empty_dsn("rfc3464");
    read_groups(a, d, copy == STR_NONE ? fields : str_head(fields, copy));
    if (d->nrecipients == 0)
        return false;
    take_original(a, d, report_original(a, p, i));
    take_said_id(d, text);
    take_mail(a, d, p->mail);
    settle_recipients(a, d, str_head(text, (size_t)(fields.p - text.p)));
    finish(d, p->parts[i].body);
    return d->nrecipients > 0;
}

bool
dsn_from_parts(struct arena *a, const struct report_parts *p, size_t *at, struct dsn *d)
{
    size_t from = *at;
    int depth = from > 0 ? p->parts[from - 1].depth : INT32_MAX;
    for (size_t i = from; i < p->n; i++) {
        if (!is_status(a, p, i) || p->parts[i].depth > depth || !from_fields(a, p, i, d))
            continue;
        *at = i + 1;
        return true;
    }
    *at = p->n;
    if (from > 0)
        return false;
    if (from_inline_fields(a, p, d))
        return true;
    *d = empty_dsn(NULL);
    if (!dsn_from_prose(a, p, d))
        return false;
    size_t text = report_part_of_type(p, 0, text_types);
    take_original(a, d, text == STR_NONE ? (str){ 0 } : report_original(a, p, text));
    if (text != STR_NONE) {
        str notice = report_text(a, &p->parts[text]);
        take_said_id(d, notice);
        take_said_queue_id(d, notice);
    }
    take_mail(a, d, p->mail);
    settle_recipients(a, d, (str){ 0 });
    finish(d, text == STR_NONE ? p->mail->subject : p->parts[text].body);
    return d->nrecipients > 0;
}
