/* Single raw messages (.eml, a file of a Maildir): parsing and the format "message".
 *
 * Which reports a message carries is report.h's business; what its
 * authentication is worth, analyze's. */
#include "message_read.h"

#include "authres.h"
#include "folder.h"
#include "mime.h"
#include "received.h"
#include "report.h"
#include "spam_headers.h"

/* The address in angle brackets; one with quotes or a route (RFC 5322 4.4) as in other fields. */
static str
return_path_of(struct arena *a, str value)
{
    struct address *list;
    bool simple = str_find_char(value, '"') == STR_NONE && !str_has(value, S("<@"));
    if (simple || address_parse_list(a, value, &list) == 0)
        return message_id_of(value);
    return list[0].address;
}

static void
read_addresses(struct message *m, struct arena *a)
{
    size_t at = 0, room = 0, fields = 0;
    for (const struct header *h; (h = message_header(m, "From", &at)); fields++) {
        struct address *list;
        size_t n = address_parse_list(a, h->value, &list);
        for (size_t i = 0; i < n; i++)
            ARENA_PUSH(a, m->from, m->nfrom, room) = list[i];
    }
    if (fields == 0)
        message_problem(m, a, "no From field (RFC 5322 3.6)");
    else if (fields > 1)
        message_problem(m, a, "more than one From field (RFC 5322 3.6)");
    if (fields > 0 && m->nfrom == 0)
        message_problem(m, a, "no address in the From field (RFC 5322 3.6.2)");
    const struct header *h = message_header(m, "Return-Path", NULL);
    if (h) {
        m->has_return_path = true;
        m->return_path = return_path_of(a, header_unfold(a, h->value));
    }
}

static void
read_received(struct message *m, struct arena *a)
{
    size_t at = 0, room = 0;
    for (const struct header *h; (h = message_header(m, "Received", &at));) {
        struct received r;
        if (m->nreceived >= MESSAGE_MAX_RECEIVED) {
            message_problem(m, a, "too many Received fields: the rest is not read");
            return;
        }
        if (!received_parse(a, h->value, &r))
            message_problem(m, a, "unreadable Received field (RFC 5321 4.4)");
        else if (r.at == WHEN_NONE)
            message_problem(m, a, "Received field without a date (RFC 5321 4.4)");
        else if (r.zone_assumed)
            message_problem(m, a, "Received date without a zone, read as UTC (RFC 5322 3.3)");
        r.raw_index = (size_t)(h - m->headers);
        ARENA_PUSH(a, m->received, m->nreceived, room) = r;
    }
}

static void
read_identity(struct message *m, struct arena *a)
{
    size_t at = 0, ids = 0;
    while (message_header(m, "Message-ID", &at))
        ids++;
    m->message_id = message_id_of(header_unfold(a, message_header_value(m, "Message-ID")));
    if (ids > 1)
        message_problem(m, a, "more than one Message-ID field (RFC 5322 3.6)");
    const struct header *h = message_header(m, "Subject", NULL);
    if (h)
        m->subject = header_decode(a, h->value);
    h = message_header(m, "Date", NULL);
    str said = h ? header_unfold(a, h->value) : (str){ 0 };
    struct when_result date = when_rfc5322(said);
    bool usual = date.ok;
    if (!usual)
        date = date_of_any(a, said);
    m->date = date.ok ? date.at : WHEN_NONE;
    if (date.ok && !usual)
        message_problem(m, a, "Date field in a form that is not mail's (RFC 5322 3.3)");
    if (!date.ok)
        message_problem(m, a, h ? "unreadable Date field (RFC 5322 3.3)" : "no Date field (RFC 5322 3.6)");
}

/* Who it was delivered to: the header of whichever MDA wrote it, the last hop's first. */
static void
read_delivered_to(struct message *m, struct arena *a)
{
    static const char *const names[] = { "Delivered-To",   "X-Original-To", "Envelope-To",
                                         "X-Delivered-To", "X-Envelope-To", "X-Apparently-To" };
    for (size_t i = 0; i < sizeof names / sizeof *names && m->delivered_to.n == 0; i++) {
        struct address *list;
        const struct header *h = message_header(m, names[i], NULL);
        if (h && address_parse_list(a, str_cut(h->value, ';').head, &list) > 0)
            m->delivered_to = list[0].address;
    }
}

/* When the first Exchange server of the organization took it: "21 Nov 2026 10:00:00.1234 (UTC)", and behind that, in
 * X-OriginalArrivalTime, the same as a FILETIME. */
static void
read_original_arrival(struct message *m, struct arena *a)
{
    static const char *const names[] = { "X-MS-Exchange-Organization-OriginalArrivalTime",
                                         "X-MS-Exchange-CrossTenant-OriginalArrivalTime",
                                         "X-OriginalArrivalTime", "OriginalArrivalTime" };
    m->original_arrival = WHEN_NONE;
    for (size_t i = 0; i < sizeof names / sizeof *names && m->original_arrival == WHEN_NONE; i++) {
        struct str_cut dot = str_cut(header_unfold(a, message_header_value(m, names[i])), '.');
        when fraction = 0, unit = WHEN_SECOND / 10;
        str zone = dot.tail;
        for (; zone.n && str_is_digit(zone.p[0]); unit /= 10) {
            fraction += unit * (zone.p[0] - '0');
            zone = str_skip(zone, 1);
        }
        if (dot.found && !str_istarts(str_trim(zone), S("(UTC)")))
            continue;
        struct when_result at = when_rfc5322(arena_join(a, dot.head, S(" "), dot.found ? S("+0000") : S("")));
        if (at.ok)
            m->original_arrival = at.at + fraction;
    }
}

/* Apple Mail: a line with the message's length in bytes, the message, a property list. */
static str
inside_emlx(str stored)
{
    enum { LENGTH_LINE_MAX = 20 };
    struct str_cut line = str_cut(str_head(stored, LENGTH_LINE_MAX + 1), '\n');
    uint64_t length;
    str digits = str_trim(line.head);
    if (!line.found || !str_digits(digits) || !str_to_u64(digits, &length))
        return stored;
    str own = str_head(str_skip(stored, line.head.n + 1), length);
    return message_header_lines(own, true) > 0 ? own : stored;
}

str
message_itself(str stored)
{
    str own = stored;
    if (stored.n && str_is_digit(stored.p[0]))
        return inside_emlx(stored);
    while (own.n && (own.p[0] == '\n' || own.p[0] == '\r'))
        own = str_skip(own, 1);
    return own.n == stored.n || message_header_lines(own, true) > 0 ? own : stored;
}

void
message_parse(struct message *m, struct arena *a, str raw)
{
    str own = message_itself(raw);
    message_parse_headers(m, a, own);
    if (own.n < raw.n && raw.p[0] <= '\r')
        message_problem(m, a, "blank lines before the first header field");
    read_identity(m, a);
    read_addresses(m, a);
    read_received(m, a);
    read_delivered_to(m, a);
    read_original_arrival(m, a);
    authres_read(m, a);
    spam_headers_read(m, a);
    const char *limit = mime_limit(a, m);
    if (limit)
        message_problem(m, a, limit);
}

static when
message_seen_at(const struct message *m)
{
    for (size_t i = 0; i < m->nreceived; i++)
        if (m->received[i].at != WHEN_NONE)
            return m->received[i].at;
    return m->original_arrival != WHEN_NONE ? m->original_arrival : m->date;
}

struct message_source
message_source_of(const struct ingest_options *o, struct origin origin)
{
    return (struct message_source){ .folder = o->folder,
                                    .mailbox = o->mailbox,
                                    .host = o->host,
                                    .stored_at = o->stored_at,
                                    .origin = origin };
}

str
message_line_ends(struct arena *a, str raw)
{
    if (str_find_char(raw, '\r') == STR_NONE || str_find_char(raw, '\n') != STR_NONE)
        return raw;
    char *p = arena_alloc(a, raw.n);
    for (size_t i = 0; i < raw.n; i++)
        p[i] = raw.p[i] == '\r' ? '\n' : raw.p[i];
    return str_of(p, raw.n);
}

bool
message_ingest(struct arena *a, str raw, const struct message_source *from, struct sink *sink)
{
    struct message m;
    struct message_source own = *from;
    raw = message_line_ends(a, raw);
    message_parse(&m, a, raw);
    own.origin.offset += (uint64_t)(m.raw.p - raw.p);
    own.origin.length = m.raw.n;
    if (m.placement_by.n == 0 && from->folder.n > 0) { /* the folder it lay in tells, if no header does */
        m.placement_folder = from->folder;
        m.placement_verdict = folder_placement(from->folder);
        m.placement_by = S("folder");
    }
    when at = from->stored_at != WHEN_NONE ? from->stored_at : message_seen_at(&m);
    uint64_t records = sink->account->records, rejects = sink->account->rejects;
    struct reports_found found = reports_from_message(a, &m, &own, sink);
    if (sink->diag.code != EXIT_FINE)
        return false;
    if (found.n == 0 || found.is_mail) {
        account_record(sink->account, from->origin.length, at);
        return sink->ops->message == NULL || sink->ops->message(sink, &m, &own);
    }
    /* The reports are counted; the bytes are ours to count. */
    bool lost = sink->account->records == records && sink->account->rejects > rejects;
    *(lost ? &sink->account->rejected : &sink->account->recorded) += from->origin.length;
    return sink->diag.code == EXIT_FINE;
}

/* Fields that messages begin with: two of them must stand among the first lines, or one of the strong,
 * which nothing but mail uses. */
static const struct {
    const char *name;
    bool strong;
} telling[] = {
    { "Received", true },
    { "Return-Path", true },
    { "Delivered-To", true },
    { "Message-ID", true },
    { "MIME-Version", true },
    { "DKIM-Signature", true },
    { "Authentication-Results", true },
    { "ARC-Seal", true },
    { "X-Received", true },
    { "X-Gmail-Labels", true },
    { "X-Original-To", true },
    { "Envelope-to", true },
    { "From", false },
    { "To", false },
    { "Cc", false },
    { "Subject", false },
    { "Date", false },
    { "Sender", false },
    { "Reply-To", false },
    { "Content-Type", false },
};

/* What a line of a header section is: logs and YAML begin lines with words and colons too, so a colon
 * followed by neither a blank nor the line's end counts only behind the names above. */
enum line_kind { NO_FIELD, SOME_FIELD, TELLING_FIELD, STRONG_FIELD };
static enum line_kind
header_line(str line)
{
    size_t n = 0;
    while (n < line.n && (str_is_alpha(line.p[n]) || str_is_digit(line.p[n]) || memchr("-_.", line.p[n], 3)))
        n++;
    if (n == 0 || n >= line.n || line.p[n] != ':' || !str_is_alpha(line.p[0]))
        return NO_FIELD;
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
        if (str_ieq(str_head(line, n), str_from(telling[i].name)))
            return telling[i].strong ? STRONG_FIELD : TELLING_FIELD;
    return n + 1 == line.n || str_is_space(line.p[n + 1]) ? SOME_FIELD : NO_FIELD;
}

int
message_header_lines(str text, bool eof)
{
    enum { LINES_LOOKED_AT = 60 };
    int fields = 0, known = 0, strong = 0;
    char end = str_find_char(text, '\n') == STR_NONE ? '\r' : '\n';
    text = str_skip_mark(text);
    for (int i = 0; i < LINES_LOOKED_AT && text.n > 0; i++) {
        struct str_cut c = str_cut(text, end);
        str line = str_ends(c.head, S("\r")) ? str_head(c.head, c.head.n - 1) : c.head;
        text = c.tail;
        if (line.n == 0)
            break;
        if (fields > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
            continue;
        if (fields == 0 && (str_starts(line, S("From ")) || str_starts(line, S(">From "))))
            continue;
        enum line_kind kind = header_line(line);
        if (kind == NO_FIELD && !c.found && !eof) /* cut short */
            break;
        if (kind == NO_FIELD)
            return known >= 3 ? fields : 0; /* a broken line among many good ones */
        fields++;
        known += kind >= TELLING_FIELD;
        strong += kind == STRONG_FIELD;
    }
    return known > 1 || (known == 1 && strong > 0) ? fields : 0;
}

static int
recognise(str head, bool eof)
{
    head = message_itself(head);
    if (str_starts(head, S("From "))) /* an mbox, if only of one message */
        return 0;
    int fields = message_header_lines(head, eof);
    return fields >= 3 ? 80 : fields == 2 ? 60 : fields == 1 ? 30 : 0;
}

/* Takes what is left of a source that will not be read; the number of bytes. */
static bool
drain(struct source *s, uint64_t *bytes, struct sink *sink)
{
    for (;;) {
        *bytes += s->window.n;
        source_take(s, s->window.n);
        if (s->eof)
            return true;
        if (!source_more(s, &sink->diag))
            return false;
    }
}

static bool
read_message(struct source *s, const struct ingest_options *o, struct sink *sink)
{
    struct diag why = { 0 };
    struct origin origin = { .offset = s->offset };
    char first[REJECT_EXCERPT];
    if (!source_slurp(s, MESSAGE_MAX_BYTES, &why)) {
        size_t n = s->window.n < sizeof first ? s->window.n : sizeof first;
        memcpy(first, s->window.p, n);
        if (why.code != EXIT_REJECTED_INPUT) {
            sink->diag = why;
            return false;
        }
        return drain(s, &origin.length, sink) &&
               sink_reject(sink, 0, origin, str_of(first, n), "message larger than %d bytes",
                           MESSAGE_MAX_BYTES);
    }
    struct arena arena = { 0 };
    origin.length = s->window.n;
    bool good = true;
    struct message_source from = message_source_of(o, origin);
    struct message m;
    message_parse_headers(&m, &arena, message_itself(message_line_ends(&arena, s->window)));
    if (s->window.n > 0 && m.nheaders == 0)
        good = sink_reject(sink, 0, origin, s->window,
                           "no message: it does not begin with header fields "
                           "(RFC 5322 3.6)");
    else if (s->window.n > 0)
        good = message_ingest(&arena, s->window, &from, sink);
    source_take(s, s->window.n);
    arena_free(&arena);
    return good;
}

const struct format format_message = {
    .name = "message",
    .kind = "message",
    .description = "one raw mail message (.eml, a file of a Maildir), with the reports it carries",
    .recognise = recognise,
    .read = read_message,
};
