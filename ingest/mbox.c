/* Mailboxes of one file: mboxo, mboxrd, mboxcl (RFC 4155 and custom).
 *
 * A message starts at a line "From sender date".  Where Content-Length leads
 * exactly to the next such line or to the end it is followed, so that an
 * unquoted "From " in a body cuts nothing; else the line must bear a date and
 * stand behind an empty line.  One message at a time is held in memory.  Bytes
 * stay as they are: ">From " is unquoted only for display, elsewhere. */
#include "message_read.h"
#include "received.h"

enum {
    FROM_LINE_MAX = 1000,
    HEADERS_LOOKED_AT = 256 << 10, /* for Content-Length */
    KEPT_BEHIND = 4096,            /* of a message too large to keep, so that the next is found */
};

struct mbox {
    struct source *source;
    struct diag *diag;
    struct arena *arena;
};

/* The line at offset at of the window, with its end; it may be cut short there. */
static str
line_at(const struct source *s, size_t at)
{
    str rest = str_skip(s->window, at);
    size_t lf = str_find_char(rest, '\n');
    return str_head(rest, lf == STR_NONE ? rest.n : lf + 1);
}

/* "From jane@d.example Sat Nov 21 22:11:33 2026", also with a zone, "From - Sat ...", two words for
 * the sender.  The date's time is left in *at: as said, in no zone unless zoned. */
static bool
is_from_line(struct arena *a, str line, struct when_result *date)
{
    static const char days[] = "MonTueWedThuFriSatSun";
    line = str_trim(line);
    if (!str_starts(line, S("From ")) || line.n > FROM_LINE_MAX)
        return false;
    for (size_t i = 5; i + 20 <= line.n; i++) {
        if (line.p[i - 1] != ' ' || line.p[i + 3] != ' ')
            continue;
        for (size_t d = 0; d < 7; d++) {
            if (memcmp(line.p + i, days + 3 * d, 3) != 0)
                continue;
            *date = date_of_ctime(a, str_skip(line, i));
            return date->ok;
        }
    }
    return false;
}

static bool
ends_with_empty_line(str before)
{
    if (before.n == 0)
        return true;
    before.n -= before.p[before.n - 1] == '\n';
    before.n -= before.n > 0 && before.p[before.n - 1] == '\r';
    return before.n == 0 || before.p[before.n - 1] == '\n';
}

/* A separator at offset at: a From line behind an empty line, or before a header field. */
static bool
separates(struct mbox *b, size_t at)
{
    struct when_result date;
    str line = line_at(b->source, at);
    if (!is_from_line(b->arena, line, &date))
        return false;
    return ends_with_empty_line(str_head(b->source->window, at)) ||
           message_header_lines(line_at(b->source, at + line.n), true) > 0;
}

/* Where the message that starts at offset start ends by its Content-Length; STR_NONE if it has none or
 * it does not fit.  *failed: the source cannot be read on. */
static size_t
end_by_length(struct mbox *b, size_t start, bool *failed)
{
    struct source *s = b->source;
    str head = str_head(str_skip(s->window, start), HEADERS_LOOKED_AT);
    for (size_t at = 0; at < head.n;) {
        str line = line_at(s, start + at);
        at += line.n;
        if (str_trim(line).n == 0)
            return STR_NONE;
        uint64_t length;
        if (!str_istarts(line, S("Content-Length:")))
            continue;
        if (!str_to_u64(str_trim(str_skip(line, 15)), &length) || length > MESSAGE_MAX_BYTES)
            return STR_NONE;
        while (at < head.n && str_trim(line = line_at(s, start + at)).n > 0)
            at += line.n;
        size_t end = start + at + line.n + (size_t)length;
        *failed = !source_want(s, end + FROM_LINE_MAX, b->diag);
        if (*failed || end > s->window.n)
            return STR_NONE;
        size_t next = end; /* the empty line that many put before the next From line */
        while (next < s->window.n && next < end + 4 &&
               (s->window.p[next] == '\r' || s->window.p[next] == '\n'))
            next++;
        bool fits = next == s->window.n || separates(b, next);
        return fits && end > start && (next > end || s->window.p[end - 1] == '\n') ? next : STR_NONE;
    }
    return STR_NONE;
}

/* The end of the message that starts at offset start: the next separator, or all there is.  A message
 * beyond MESSAGE_MAX_BYTES is dropped from the window as it goes; *dropped counts. */
static bool
find_end(struct mbox *b, size_t start, size_t *end, uint64_t *dropped)
{
    struct source *s = b->source;
    size_t at = start > 0 ? start - 1 : 0;
    for (;;) {
        size_t found = str_find(str_skip(s->window, at), S("\nFrom "));
        if (found != STR_NONE) {
            size_t candidate = at + found + 1;
            if (!source_want(s, candidate + 2 * FROM_LINE_MAX, b->diag))
                return false;
            if (separates(b, candidate)) {
                *end = candidate;
                return true;
            }
            at = candidate;
            continue;
        }
        if (s->eof) {
            *end = s->window.n;
            return true;
        }
        at = s->window.n > 6 ? s->window.n - 6 : 0;
        if (s->window.n > MESSAGE_MAX_BYTES) {
            size_t drop = s->window.n - KEPT_BEHIND;
            source_take(s, drop);
            *dropped += drop;
            at -= drop;
        }
        if (!source_more(s, b->diag))
            return false;
    }
}

/* Some servers keep their own data in a first message of this subject. */
static bool
is_folder_data(str raw)
{
    str head = str_head(raw, 2000);
    return (str_starts(head, S("X-IMAP")) || str_has(head, S("\nX-IMAP"))) &&
           str_has(head, S("FOLDER INTERNAL DATA"));
}

/* The message's own bytes: the empty line before the next separator is the mailbox's, unless it is the
 * one that ends the header. */
static size_t
own_length(str raw)
{
    size_t lf = str_find(raw, S("\n\n")), crlf = str_find(raw, S("\n\r\n"));
    size_t header = lf < crlf ? lf + 2 : crlf == STR_NONE ? raw.n : crlf + 3;
    size_t n = raw.n;
    if (n > 1 && ends_with_empty_line(raw)) {
        n--;
        n -= n > 0 && raw.p[n - 1] == '\r';
    }
    return n < header ? raw.n : n;
}

/* Whether it is more than a piece of a cut mailbox, or a line of text that looks like a From line. */
static bool
has_fields(struct arena *a, str raw)
{
    struct message m;
    raw = message_itself(raw);
    if (message_header_lines(raw, true) > 0) /* mostly */
        return true;
    message_parse_headers(&m, a, raw);
    return m.nheaders > 0;
}

/* What editors put before the first From line: a byte order mark, empty lines. */
static size_t
ahead_of(struct arena *a, str head)
{
    struct when_result date;
    size_t n = head.n - str_skip_mark(head).n;
    while (n < head.n && (head.p[n] == '\n' || head.p[n] == '\r'))
        n++;
    return n && is_from_line(a, str_cut(str_skip(head, n), '\n').head, &date) ? n : 0;
}

/* Finds the next piece in the window; false at the end, or on failure. */
static bool
next_piece(struct mbox *b, struct mbox_piece *p)
{
    struct source *s = b->source;
    struct when_result date;
    uint64_t dropped = 0;
    size_t end;
    bool failed = false;
    *p = (struct mbox_piece){ .stored_at = WHEN_NONE };
    if (!source_want(s, HEADERS_LOOKED_AT, b->diag) || s->window.n == 0)
        return false;
    size_t ahead = s->offset == 0 ? ahead_of(b->arena, s->window) : 0;
    str first = line_at(s, ahead);
    size_t start = ahead + first.n;
    if (!is_from_line(b->arena, first, &date)) {
        if (!find_end(b, 0, &end, &dropped))
            return false;
        p->problem = "no mbox From line (RFC 4155)";
    } else {
        end = end_by_length(b, start, &failed);
        if (failed || (end == STR_NONE && !find_end(b, start, &end, &dropped)))
            return false;
        if (dropped > 0 || end - start > MESSAGE_MAX_BYTES)
            p->problem = "message larger than MESSAGE_MAX_BYTES";
    }
    p->offset = s->offset - dropped;
    p->length = dropped + end;
    p->window = end;
    p->raw = str_head(s->window, end);
    if (p->problem)
        return true;
    p->raw = str_skip(p->raw, start);
    p->raw = str_head(p->raw, own_length(p->raw));
    if (!has_fields(b->arena, p->raw))
        p->problem = "no message: it does not begin with header fields (RFC 5322 3.6)";
    p->folder_data = is_folder_data(p->raw);
    p->message_offset = s->offset + start;
    p->stored_at = date.at;
    p->zoned = date.zoned;
    return true;
}

bool
mbox_next(struct source *s, struct arena *a, struct mbox_piece *p, struct diag *d)
{
    struct mbox b = { .source = s, .diag = d, .arena = a };
    return next_piece(&b, p);
}

bool
mbox_begins(str head, bool eof)
{
    struct arena arena = { 0 };
    struct when_result date;
    struct str_cut c = str_cut(str_skip(head, ahead_of(&arena, head)), '\n');
    bool from = (c.found || eof) && is_from_line(&arena, c.head, &date);
    arena_free(&arena);
    return from;
}

static bool
take_piece(const struct ingest_options *o, struct arena *a, const struct mbox_piece *p, bool first,
           struct sink *sink)
{
    struct origin origin = { .offset = p->offset, .length = p->length };
    if (p->problem)
        return sink_reject(sink, 0, origin, p->raw, "%s", p->problem);
    origin = (struct origin){ .offset = p->message_offset, .length = p->raw.n };
    struct message_source from = message_source_of(o, origin);
    bool local = !p->zoned && o->zone && p->stored_at != WHEN_NONE;
    from.stored_at = local ? zone_to_utc(o->zone, p->stored_at) : p->stored_at;
    if (first && p->folder_data) {
        account_ignore(sink->account, p->window);
        return true;
    }
    sink->account->recorded += p->window - p->raw.n;
    return message_ingest(a, p->raw, &from, sink);
}

static bool
read_mbox(struct source *s, const struct ingest_options *o, struct sink *sink)
{
    struct arena arena = { 0 };
    struct mbox_piece piece;
    bool good = true, messages = false;
    struct diag before = sink->diag;
    while (good && mbox_next(s, &arena, &piece, &sink->diag)) {
        good = take_piece(o, &arena, &piece, !messages, sink);
        messages |= piece.problem == NULL;
        source_take(s, piece.window);
        arena_reset(&arena);
    }
    arena_free(&arena);
    return good && sink->diag.code == before.code;
}

static int
recognise(str head, bool eof)
{
    if (!mbox_begins(head, eof))
        return 0;
    struct arena arena = { 0 };
    head = str_skip(head, ahead_of(&arena, head));
    arena_free(&arena);
    struct str_cut c = str_cut(head, '\n');
    return message_header_lines(c.tail, eof) > 0 ? 95 : c.tail.n == 0 ? 40 : 20;
}

const struct format format_mbox = {
    .name = "mbox",
    .kind = "mailbox",
    .description = "mailbox of many messages in one file (mboxo, mboxrd, mboxcl; Gmail Takeout)",
    .recognise = recognise,
    .read = read_mbox,
};
