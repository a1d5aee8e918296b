/* What reports are found in: gzip, archives, winmail.dat, mailboxes, mails, text that stands for bytes.
 *
 * Each opens what it holds as a source, for report_read_any() to look at. */
#include "message_read.h"
#include "msg.h"
#include "report_impl.h"
#include "tnef.h"
#include "unzip.h"

#include <stdio.h>

/* The window of a source as the bytes of another one. */
ssize_t
report_read_window(void *ctx, char *p, size_t n)
{
    struct source *s = ctx;
    struct diag d = { 0 };
    if (s->window.n == 0 && !source_more(s, &d))
        return -1;
    n = n < s->window.n ? n : s->window.n;
    memcpy(p, s->window.p, n);
    source_take(s, n);
    return (ssize_t)n;
}

/* Nothing can be read from it.  Of a file that is the user's to know; an attachment may be anything, and its mail
 * decides. */
void
report_give_up(struct report_job *j, str excerpt, str name, const char *why)
{
    if (j->archive)
        report_reject(j, j->at, excerpt, name, why);
    else if (j->why[0] == '\0')
        snprintf(j->why, sizeof j->why, "%.*s", (int)sizeof j->why - 1, why);
}

/* A mail in an archive, or a .msg attached to a mail. */
void
report_read_mail(struct report_job *j, struct source *s, str name)
{
    enum { MAILS_DEEP = 2 };
    static _Thread_local int deep;
    struct arena a = { 0 };
    struct diag d = { 0 };
    struct message m;
    struct message_source from = { .stored_at = WHEN_NONE, .origin = j->at };
    const char *why = NULL;
    if (deep == MAILS_DEEP || !source_slurp(s, MESSAGE_MAX_BYTES, &d)) {
        report_give_up(j, s->window, name,
                       deep == MAILS_DEEP ? "mails nested too deep" : "mail beyond the limit");
        return;
    }
    str mime = msg_recognise(s->window) ? msg_to_mime(&a, s->window, &why) : s->window;
    struct account *account = j->sink->account, before = *account;
    deep++;
    if (mime.n > 0 && j->archive) {
        j->failed |= !message_ingest(&a, mime, &from, j->sink);
        j->mails++;
    } else if (mime.n > 0) {
        message_parse(&m, &a, mime);
        j->mails += reports_from_message(&a, &m, &from, j->sink).n > 0;
        j->failed |= j->sink->diag.code != EXIT_FINE;
        account->not_reports = before.not_reports; /* the mail that it is attached to counts */
    }
    deep--;
    account->recorded = before.recorded; /* the bytes are the container's */
    account->rejected = before.rejected;
    account->ignored = before.ignored;
    if (why && j->archive && !j->failed)
        report_reject(j, j->at, (str){ 0 }, name, why);
    arena_free(&a);
}

/* What a source holds, or else the mail that it is. */
static void
read_inside(struct report_job *j, struct source *s, str name, int depth)
{
    size_t before = report_job_found(j);
    report_read_any(j, s, name, depth);
    if (report_job_found(j) == before && message_header_lines(s->window, s->eof) >= 3)
        report_read_mail(j, s, name);
}

/* The same of bytes in memory, which are inflated on the way. */
static void
read_bytes(struct report_job *j, const char *path, str bytes, str name, int depth,
           void (*read)(struct report_job *, struct source *, str name, int depth))
{
    struct source outer, inner;
    source_open_memory(&outer, path, bytes);
    if (source_open_reader(&inner, path, report_read_window, &outer, &j->sink->diag)) {
        read(j, &inner, name, depth);
        source_close(&inner);
    } else {
        j->failed = true;
    }
    source_close(&outer);
}

/* gzip inside what was inflated already. */
void
report_read_gzip(struct report_job *j, struct source *s, str name, int depth)
{
    struct source inner;
    if (!source_open_reader(&inner, s->path, report_read_window, s, &j->sink->diag)) {
        j->failed = true;
        return;
    }
    size_t before = report_job_found(j);
    read_inside(j, &inner, name, depth + 1);
    if (report_job_found(j) == before && !j->failed)
        report_give_up(j, (str){ 0 }, name, inner.damage ? inner.damage : "gzip that holds no report");
    source_close(&inner);
}

/* A mailbox of one file. */
void
report_read_mbox(struct report_job *j, struct source *s, str name)
{
    struct arena a = { 0 };
    struct mbox_piece piece;
    struct diag d = { 0 };
    while (!j->failed && mbox_next(s, &a, &piece, &d)) {
        struct source mail;
        source_open_memory(&mail, "mail", piece.raw);
        if (piece.problem && j->archive)
            report_reject(j, j->at, piece.raw, name, piece.problem);
        else if (piece.problem == NULL)
            report_read_mail(j, &mail, name);
        source_close(&mail);
        source_take(s, piece.window);
        arena_reset(&a);
    }
    arena_free(&a);
}

/* base64, uuencode, yEnc: each file in the text. */
void
report_read_armour(struct report_job *j, struct source *s, str name, int depth)
{
    struct arena a = { 0 };
    str text, bytes;
    if (!source_slurp(s, REPORT_MAX_ARCHIVE, NULL)) {
        report_give_up(j, s->window, name, "text in base64 beyond the limit");
        return;
    }
    text = s->window;
    while (!j->failed && (bytes = report_unarmour(&a, &text, false)).n > 0)
        read_bytes(j, s->path, bytes, name, depth + 1, report_read_any);
    arena_free(&a);
}

static void
read_members(struct report_job *j, str bytes, str name, int depth)
{
    struct diag d = { 0 };
    struct unzip *u = unzip_open(bytes, &d);
    str member;
    size_t before = report_job_found(j);
    if (u == NULL) {
        report_give_up(j, bytes, name, d.text);
        return;
    }
    while (!j->failed && unzip_next(u, &member)) {
        struct source s;
        if (!source_open_reader(&s, "member", unzip_read, u, &d))
            continue;
        read_inside(j, &s, member, depth + 1);
        source_close(&s);
    }
    bool found = report_job_found(j) > before;
    if (unzip_damage(u) && found && !j->failed)
        report_reject(j, j->at, bytes, name, unzip_damage(u));
    else if (!found && !j->failed)
        report_give_up(j, bytes, name, unzip_damage(u) ? unzip_damage(u) : "archive that holds no report");
    unzip_close(u);
}

/* What Outlook packed into a winmail.dat. */
void
report_read_tnef(struct report_job *j, struct source *s, str name, int depth)
{
    struct arena a = { 0 };
    struct tnef_file file;
    size_t before = report_job_found(j);
    if (!source_slurp(s, REPORT_MAX_ARCHIVE, NULL)) {
        report_give_up(j, s->window, name, "winmail.dat beyond the limit");
        return;
    }
    struct tnef t = tnef_open(s->window);
    while (!j->failed && tnef_next(&t, &a, &file))
        read_bytes(j, "attachment", file.bytes, file.name, depth + 1, read_inside);
    if (t.damage && !j->failed && (j->archive || report_job_found(j) > before))
        report_reject(j, j->at, (str){ 0 }, name, t.damage);
    arena_free(&a);
}

void
report_read_archive(struct report_job *j, struct source *s, str name, int depth)
{
    struct diag d = { 0 };
    if (source_slurp(s, REPORT_MAX_ARCHIVE, &d))
        read_members(j, s->window, name, depth);
    else
        report_give_up(j, s->window, name, "archive beyond the limit");
}
