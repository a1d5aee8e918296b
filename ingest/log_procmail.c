/* The logs of procmail and maildrop: a block of lines per message and mailbox.
 *
 *   From jane@example.com  Sat Nov 21 22:11:35 2026        Date: Sat Nov 21 22:11:35 2026
 *    Subject: text                                         From: jane@example.com
 *     Folder: /home/bob/Mail/inbox/new/123     4711        Subj: text
 *                                                          File: /home/bob/Mail (4711)
 *
 * A block becomes one filing.  procmail's verbose lines ("procmail: ...") are ignored, but for the one with the time:
 * where a message came without a From line, the block has no other.  What recipes write on their own (LOG=) is
 * rejected.  Neither program logs a Message-ID or the user. */
#include <stdlib.h>

#include "buf.h"
#include "line_clock.h"
#include "log_family.h"
#include "tracker.h"

enum { LINE_MAX_HERE = 16 << 10, RECOGNISE_LINES = 200 };

enum part {
    PART_OTHER,
    PART_FROM,
    PART_SUBJECT,
    PART_FOLDER,
    PART_DATE,
    PART_SENDER,
    PART_FILE,
    PART_STAMP,
    PART_NOISE,
    PART_EMPTY
};

/* The block that is being read.  Its lines are kept: the window they came from moves on. */
struct block {
    bool open, maildrop, no_sender;
    uint64_t offset, bytes, line;
    struct civil at;
    struct buf sender, subject;
};

struct reader {
    struct source *source;
    struct sink *sink;
    struct tracker *tracker;
    struct line_clock clock;
    const struct ingest_options *options;
    struct block block;
    struct civil stamp; /* of the latest verbose line that had one; day 0: none */
    uint64_t line;
};

/* "From jane@example.com  Sat Nov 21 22:11:35 2026": where the date begins, or 0. */
static size_t
from_date(str line, struct civil *at)
{
    enum { DATE = 24 };
    line = str_trim_right(line);
    if (!str_starts(line, S("From ")) || line.n < 5 + DATE + 1)
        return 0;
    size_t from = line.n - DATE;
    return log_ctime(str_skip(line, from), at) ? from : 0;
}

/* "procmail: [123] Sat Nov 21 22:11:34 2026" */
static bool
is_stamp(str line, struct civil *at)
{
    if (!str_starts(line, S("procmail: [")))
        return false;
    struct str_number pid = str_cut_number(str_skip(line, 11), 18);
    return pid.ok && str_starts(pid.rest, S("] ")) && log_ctime(str_skip(pid.rest, 2), at);
}

static enum part
part_of(str line, struct civil *at)
{
    if (str_trim(line).n == 0)
        return PART_EMPTY;
    if (from_date(line, at))
        return PART_FROM;
    if (str_starts(line, S(" Subject:")))
        return PART_SUBJECT;
    if (str_starts(line, S("  Folder: ")))
        return PART_FOLDER;
    if (str_starts(line, S("Date: ")) && log_ctime(str_skip(line, 6), at))
        return PART_DATE;
    if (str_starts(line, S("From: ")))
        return PART_SENDER;
    if (str_starts(line, S("Subj: ")) || str_eq(line, S("Subj:")))
        return PART_SUBJECT;
    if (str_starts(line, S("File: ")))
        return PART_FILE;
    if (is_stamp(line, at))
        return PART_STAMP;
    if (str_starts(line, S("procmail: ")) || str_starts(line, S("lockfile: ")) ||
        str_starts(line, S("formail: ")) || str_starts(line, S("maildrop: ")))
        return PART_NOISE;
    return PART_OTHER;
}

/* "PATH <blanks> SIZE" and "PATH (SIZE)". */
static str
cut_size(str text, bool maildrop, str *size)
{
    bool nowhere = !maildrop && text.n && text.p[0] == '\t';
    text = str_trim(text);
    if (nowhere) {
        *size = str_digits(text) ? text : (str){ 0 };
        return (str){ 0 };
    }
    size_t at = str_rfind_char(text, maildrop ? '(' : '\t');
    if (at == STR_NONE && !maildrop)
        at = str_rfind_char(text, ' ');
    if (at == STR_NONE)
        return text;
    str tail = str_trim(str_skip(text, at + 1));
    if (maildrop && tail.n && tail.p[tail.n - 1] == ')')
        tail.n--;
    if (!str_digits(tail))
        return text;
    *size = tail;
    return str_trim_right(str_head(text, at));
}

/* What a recipe "| ..." ran stands there as it was written; a mailbox holds none of the shell's signs, and blanks only
 * where its path is whole. */
static bool
is_command(str folder)
{
    static const str places[] = { S("/usr/"), S("/bin/"), S("/opt/") };
    for (size_t i = 0; i < folder.n; i++)
        if (folder.p[i] == '>' || folder.p[i] == '|' || folder.p[i] == ';' || folder.p[i] == '`')
            return true;
    bool blank = str_has(folder, S(" "));
    return blank && (folder.p[0] != '/' || str_starts_any(folder, places, sizeof places / sizeof *places));
}

/* A mailbox, a program, an address, or nowhere. */
static void
take_folder(struct event *e, str folder)
{
    static const struct {
        const char *folder, *action;
    } words[] = { { "/dev/null", "discarded" },
                  { "**Bounced**", "rejected" },
                  { "**Requeued**", "failed" },
                  { "**Lost**", "failed" } };
    EV(e, ACTION) = S("stored");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_starts(folder, str_from(words[i].folder))) {
            EV(e, ACTION) = str_from(words[i].action);
            EV(e, REPLY) = folder;
            return;
        }
    if (folder.n == 0) { /* a recipe ended it with an exit code */
        EV(e, ACTION) = S("failed");
        return;
    }
    if (str_starts(folder, S("!")) || str_has(folder, S("/sendmail ")) || str_starts(folder, S("|")) ||
        is_command(folder)) {
        EV(e, ACTION) = S("forwarded");
        EV(e, REPLY) = folder;
        return;
    }
    size_t file = str_find(folder, S("/new/")); /* the file of a Maildir */
    EV(e, MAILBOX) = file == STR_NONE ? folder : str_head(folder, file);
}

/* Lines of a block that never came to an end say nothing of a delivery. */
static bool
drop_block(struct reader *r)
{
    if (r->block.open && r->block.bytes)
        account_ignore(r->sink->account, r->block.bytes);
    r->block.open = false;
    return true;
}

static bool
reject_line(struct reader *r, str line, uint64_t length, const char *why)
{
    struct origin o = { r->source->offset, length };
    return sink_reject(r->sink, r->line, o, line, "%s", why);
}

static bool
emit(struct reader *r, str line, uint64_t length, bool maildrop)
{
    struct block *b = &r->block;
    struct event e = { .kind = EVENT_FILING,
                       .offset = b->offset,
                       .length = b->bytes + length,
                       .line = b->line,
                       .program = maildrop ? S("maildrop") : S("procmail"),
                       .host = r->options->host,
                       .text = str_trim(line),
                       .row = "block" };
    str folder = str_skip(str_trim_left(line), maildrop ? 6 : 8);
    str size = { 0 };
    take_folder(&e, cut_size(folder, maildrop, &size));
    EV(&e, SIZE) = size;
    EV(&e, SUBJECT) = buf_str(&b->subject);
    EV(&e, MAIL_FROM) = str_eq(buf_str(&b->sender), S("<>")) ? (str){ 0 } : buf_str(&b->sender);
    e.flags = b->no_sender ? 0 : EVENT_HAS_MAIL_FROM;
    e.at = line_clock_time(&r->clock, &b->at, true, e.text, &e.flags);
    /* with LOGABSTRACT=all more folders may follow: they count from here */
    b->offset = r->source->offset + length;
    b->bytes = 0;
    if (e.at == WHEN_NONE)
        return sink_reject(r->sink, e.line, (struct origin){ e.offset, e.length }, line, "%s",
                           "the time stamp is not a possible time");
    account_record(r->sink->account, e.length, e.at);
    if (r->sink->ops->event && !r->sink->ops->event(r->sink, &e))
        return false;
    return tracker_event(r->tracker, &e);
}

static void
begin_block(struct reader *r, uint64_t length, struct civil at, bool maildrop)
{
    struct block *b = &r->block;
    b->open = true;
    b->maildrop = maildrop;
    b->offset = r->source->offset;
    b->bytes = length;
    b->line = r->line;
    b->at = at;
    b->no_sender = false;
    b->sender.n = b->subject.n = 0;
}

/* A message without a From line: its block begins with what follows, at the time of the run. */
static void
begin_undated(struct reader *r, enum part part)
{
    if (r->stamp.day == 0 || (part != PART_SUBJECT && part != PART_FOLDER) || r->block.open)
        return;
    begin_block(r, 0, r->stamp, false);
    r->block.no_sender = true;
}

/* One line, without its end; length counts the end too. */
static bool
take_line(struct reader *r, str line, uint64_t length)
{
    struct block *b = &r->block;
    struct civil at = { 0 };
    r->line++;
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    enum part part = part_of(line, &at);
    begin_undated(r, part);
    bool follows = b->open && b->offset + b->bytes == r->source->offset;
    switch (part) {
    case PART_FROM:
        drop_block(r);
        begin_block(r, length, at, false);
        buf_add(&b->sender, str_trim(str_head(str_skip(line, 5), from_date(line, &at) - 5)));
        return true;
    case PART_DATE:
        drop_block(r);
        begin_block(r, length, at, true);
        return true;
    case PART_SENDER:
    case PART_SUBJECT:
        if (!follows)
            break;
        buf_add(part == PART_SENDER ? &b->sender : &b->subject, str_trim(str_cut(line, ':').tail));
        b->bytes += length;
        return true;
    case PART_FOLDER:
    case PART_FILE:
        if (!follows || b->maildrop != (part == PART_FILE))
            break;
        return emit(r, line, length, part == PART_FILE);
    case PART_STAMP: /* another run: what the one before logged is over */
        drop_block(r);
        r->stamp = at;
        account_ignore(r->sink->account, length);
        return true;
    case PART_EMPTY:
    case PART_NOISE: /* may stand between From and Folder: the block goes on behind it */
        account_ignore(r->sink->account, length);
        if (follows) {
            if (b->bytes)
                account_ignore(r->sink->account, b->bytes);
            b->offset = r->source->offset + length;
            b->bytes = 0;
        }
        return true;
    case PART_OTHER: break;
    }
    drop_block(r);
    return reject_line(r, line, length,
                       part == PART_SUBJECT || part == PART_FOLDER ? "no From line says when this was"
                                                                   : "not a line of procmail or maildrop");
}

static bool
take_lines(struct reader *r)
{
    struct source *s = r->source;
    for (;;) {
        size_t n = str_find_char(str_head(s->window, LINE_MAX_HERE + 1), '\n');
        size_t take = 0;
        if (n != STR_NONE)
            take = n + 1;
        else if (s->window.n > LINE_MAX_HERE)
            take = LINE_MAX_HERE;
        else if (s->eof)
            take = s->window.n;
        if (take) {
            if (n == STR_NONE && take == LINE_MAX_HERE) {
                drop_block(r);
                r->line++;
                if (!reject_line(r, str_head(s->window, take), take, "a line longer than the limit"))
                    return false;
            } else if (!take_line(r, str_head(s->window, n == STR_NONE ? take : n), take)) {
                return false;
            }
            source_take(s, take);
            continue;
        }
        if (s->eof)
            return drop_block(r);
        if (!source_more(s, &r->sink->diag))
            return drop_block(r) && false;
    }
}

static bool
procmail_read(struct source *s, const struct ingest_options *options, struct sink *sink)
{
    struct reader *r = xcalloc(1, sizeof *r);
    *r = (struct reader){ .source = s, .options = options, .sink = sink, .tracker = tracker_new(sink) };
    line_clock_init(&r->clock, options, s, NULL);
    bool good = take_lines(r);
    good = tracker_flush(r->tracker, true) && good;
    tracker_free(r->tracker);
    buf_free(&r->block.sender);
    buf_free(&r->block.subject);
    free(r);
    return good;
}

/* A From line with a Subject or Folder line behind it, or maildrop's three in a row. */
static int
procmail_recognise(str head, bool eof)
{
    enum part before = PART_OTHER;
    for (int i = 0; i < RECOGNISE_LINES && head.n; i++) {
        struct str_cut c = str_cut(head, '\n');
        struct civil at;
        if (!c.found && !eof)
            break;
        enum part part = part_of(c.head, &at);
        bool indented = c.head.n && c.head.p[0] == ' ';
        if (before == PART_FROM && indented && (part == PART_SUBJECT || part == PART_FOLDER))
            return 92;
        if (before == PART_DATE && part == PART_SENDER)
            return 92;
        if (part == PART_STAMP)
            return 92;
        if (part == PART_OTHER && i > 0 && before == PART_OTHER)
            return 0;
        before = part;
        head = c.tail;
    }
    return 0;
}

const struct format format_procmail = {
    .name = "procmail",
    .kind = "log",
    .description = "procmail's and maildrop's own logs: From, Subject, Folder",
    .recognise = procmail_recognise,
    .read = procmail_read,
};
