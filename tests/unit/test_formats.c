/* The self-proof of formats: what a format claims to read, a sample shows.
 *
 * For every registered format, each file in samples/NAME/ is surest to be of
 * that format.  For log formats, every row of the table is hit by a sample
 * line, every field that a row's pattern names is filled by one, no line is
 * hit by two rows, and none is left over. */
#include <dirent.h>
#include <stdlib.h>

#include "log_amavis.h"
#include "log_clamav.h"
#include "log_courier.h"
#include "log_cyrus.h"
#include "log_dovecot.h"
#include "log_ssmtp.h"
#include "log_nullmailer.h"
#include "log_mailscanner.h"
#include "log_msmtp.h"
#include "log_fetchmail.h"
#include "log_dma.h"
#include "log_exim.h"
#include "log_opendkim.h"
#include "log_opendmarc.h"
#include "log_opensmtpd.h"
#include "log_pmg.h"
#include "log_policyd_spf.h"
#include "log_postfix.h"
#include "log_postgrey.h"
#include "log_qmail.h"
#include "log_rspamd.h"
#include "log_sendmail.h"
#include "log_spamd.h"
#include "source.h"
#include "syslog.h"
#include "tap.h"

enum { SAMPLE_MAX = 1 << 20, HEAD = 1 << 16, UNSURE = 10, ROWS_MAX = 512 };

/* How a line format's text meets its table. */
struct cut {
    str program, text;
};

static struct cut
postfix_cut(const struct line *line, struct event *e)
{
    (void)e;
    struct str_cut c = str_rcut(line->program, '/');
    return (struct cut){ c.found ? c.tail : line->program, line->text };
}

static struct cut
exim_table_cut(const struct line *line, struct event *e)
{
    struct exim_part part = exim_cut(line, e);
    return (struct cut){ part.kind, part.rest };
}

/* What no row reads is looked up among the server's own words. */
static struct cut
sendmail_table_cut(const struct line *line, struct event *e)
{
    (void)e;
    struct sendmail_part part = sendmail_cut(line->text);
    struct event parsed = { .at = line->at };
    format_find(S("sendmail"))->parse(line, &parsed);
    bool words = parsed.row && strcmp(parsed.row, "words") == 0;
    return (struct cut){ words ? S("words") : part.kind, part.rest };
}

static struct cut
opensmtpd_table_cut(const struct line *line, struct event *e)
{
    (void)e;
    struct opensmtpd_part part = opensmtpd_cut(line->text);
    return (struct cut){ part.kind, part.rest };
}

/* Of formats whose rows are for any program, or for the tag as it is. */
static struct cut
plain_cut(const struct line *line, struct event *e)
{
    (void)e;
    return (struct cut){ line->program, line->text };
}

static struct cut
spamd_cut(const struct line *line, struct event *e)
{
    (void)e;
    return (struct cut){ line->program.n ? line->program : S("spamd"), line->text };
}

static struct cut
clamav_cut(const struct line *line, struct event *e)
{
    (void)e;
    return (struct cut){ clamav_program(line->program), line->text };
}

static struct cut
postgrey_cut(const struct line *line, struct event *e)
{
    (void)e;
    return (struct cut){ postgrey_program(line->program), line->text };
}

static struct cut
courier_cut(const struct line *line, struct event *e)
{
    (void)e;
    return (struct cut){ courier_program(line->program), line->text };
}

static struct cut
cyrus_cut(const struct line *line, struct event *e)
{
    (void)e;
    return (struct cut){ cyrus_program(line->program), line->text };
}

static struct cut
dovecot_table_cut(const struct line *line, struct event *e)
{
    struct dovecot_part part = dovecot_cut(line, e);
    return (struct cut){ part.kind, part.rest };
}

static struct cut
qmail_cut(const struct line *line, struct event *e)
{
    static struct arena a;
    (void)e;
    return (struct cut){ S("qmail"), qmail_text(line, &a) };
}

static const struct proof {
    const char *format;
    const struct log_row *(*rows)(size_t *n);
    struct cut (*cut)(const struct line *, struct event *);
} proofs[] = {
    { "postfix", postfix_rows, postfix_cut },
    { "exim", exim_rows, exim_table_cut },
    { "sendmail", sendmail_rows, sendmail_table_cut },
    { "opensmtpd", opensmtpd_rows, opensmtpd_table_cut },
    { "opendkim", opendkim_rows, plain_cut },
    { "opendmarc", opendmarc_rows, plain_cut },
    { "policyd-spf", policyd_spf_rows, plain_cut },
    { "postgrey", postgrey_rows, postgrey_cut },
    { "rspamd", rspamd_rows, plain_cut },
    { "spamd", spamd_rows, spamd_cut },
    { "amavis", amavis_rows, plain_cut },
    { "clamav", clamav_rows, clamav_cut },
    { "mimedefang", mimedefang_rows, plain_cut },
    { "mailscanner", mailscanner_rows, plain_cut },
    { "pmg", pmg_rows, plain_cut },
    { "dovecot", dovecot_rows, dovecot_table_cut },
    { "cyrus", cyrus_rows, cyrus_cut },
    { "qmail", qmail_rows, qmail_cut },
    { "courier", courier_rows, courier_cut },
    { "msmtp", msmtp_rows, plain_cut },
    { "dma", dma_rows, plain_cut },
    { "nullmailer", nullmailer_rows, plain_cut },
    { "ssmtp", ssmtp_rows, plain_cut },
    { "fetchmail", fetchmail_rows, plain_cut },
};

/* What the samples of one format showed. */
struct shown {
    const struct log_row *rows;
    size_t n, lines, left_over, twice;
    struct log_table *table;
    bool hit[ROWS_MAX];
    bool filled[ROWS_MAX][FIELD_COUNT];
};

static size_t
row_index(const struct shown *s, const char *id)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->rows[i].id, id) == 0)
            return i;
    return s->n;
}

/* The rows that a line hits, by name, for the message. */
static void
say_rows(const struct shown *s, struct cut c)
{
    for (size_t i = 0; i < s->n; i++) {
        struct log_table *one = log_table_new(&s->rows[i], 1);
        str program = str_from(s->rows[i].program);
        bool for_it = false;
        for (str rest = program; rest.n;) {
            struct str_cut w = str_cut(rest, ' ');
            for_it |= str_eq(w.head, S("*")) || str_eq(w.head, c.program);
            rest = w.tail;
        }
        if (for_it && log_table_count(one, c.program, c.text))
            printf("#      row %s\n", s->rows[i].id);
        log_table_free(one);
    }
}

static void
show_line(const struct format *format, const struct proof *proof, struct shown *s, str whole)
{
    struct framed f = { .line = { .whole = whole, .text = whole, .at = WHEN_NONE } };
    struct line line = f.line;
    int offset_s;
    if (format->frame && format->frame(whole, &f.line, &f.civil, &f.zoned, &offset_s)) {
        line = f.line;
        line.at = when_from_civil(f.civil);
    } else if (syslog_frame(whole, &f)) {
        line = f.line;
        if (!format->owns(line.program))
            return;
    }
    line.text = str_trim_right(line.text);
    struct event parsed = { .at = line.at };
    format->parse(&line, &parsed);
    struct event e = { .at = line.at };
    struct cut c = proof->cut(&line, &e);
    e = (struct event){ .at = line.at };
    s->lines++;
    if (parsed.kind == EVENT_REJECT || !log_table_match(s->table, c.program, c.text, &e)) {
        s->left_over++;
        printf("#      no row: %.*s\n", PRSTR(whole));
        return;
    }
    size_t row = row_index(s, e.row);
    s->hit[row] = true;
    for (int i = 0; i < FIELD_COUNT; i++)
        s->filled[row][i] |= e.field[i].n > 0;
    if (log_table_count(s->table, c.program, c.text) > 1) {
        s->twice++;
        printf("#      two rows: %.*s\n", PRSTR(whole));
        say_rows(s, c);
    }
}

/* Fields of the parts that many rows share (a peer, an envelope): the format must show them, not each row. */
static bool
is_shared(enum event_field f)
{
    static const enum event_field shared[] = {
        FIELD_QUEUE_ID,   FIELD_CLIENT_NAME, FIELD_CLIENT_IP,  FIELD_CLIENT_PORT, FIELD_HELO,
        FIELD_RELAY_NAME, FIELD_RELAY_IP,    FIELD_RELAY_PORT, FIELD_UID,         FIELD_MAIL_FROM,
        FIELD_RECIPIENT,  FIELD_PROTOCOL,    FIELD_METHOD,     FIELD_AUTH_USER,
    };
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        if (shared[i] == f)
            return true;
    return false;
}

static bool
is_filled(const struct shown *s, size_t row, enum event_field f)
{
    if (!is_shared(f))
        return s->filled[row][f];
    for (size_t i = 0; i < s->n; i++)
        if (s->filled[i][f])
            return true;
    return false;
}

/* Every (?<field> of a pattern must have been filled by some sample. */
static void
check_fields(const struct shown *s, size_t row)
{
    bool good = true;
    for (const char *p = s->rows[row].pattern; p && (p = strstr(p, "(?<")) != NULL;) {
        p += 3;
        const char *end = strchr(p, '>');
        if (*p == '!' || *p == '=' || end == NULL)
            continue;
        enum event_field f = event_field_from(str_of(p, (size_t)(end - p)));
        if (f == FIELD_COUNT || is_filled(s, row, f))
            continue;
        good = false;
        printf("#      row %s: no sample fills %.*s\n", s->rows[row].id, PRSTR(event_field_name(f)));
    }
    ok(good, "row %s: its fields are filled", s->rows[row].id);
}

static void
check_rows(const struct format *format, const struct proof *proof, const str *texts, size_t n)
{
    struct shown *s = calloc(1, sizeof *s);
    s->rows = proof->rows(&s->n);
    if (!ok(s->n <= ROWS_MAX, "%s: at most %d rows", format->name, ROWS_MAX))
        exit(1);
    s->table = log_table_new(s->rows, s->n);
    for (size_t i = 0; i < n; i++)
        for (str rest = texts[i]; rest.n;) {
            struct str_cut c = str_cut(rest, '\n');
            show_line(format, proof, s, c.head);
            rest = c.tail;
        }
    ok(s->left_over == 0, "%s: %zu sample lines, each is read", format->name, s->lines);
    ok(s->twice == 0, "%s: no sample line is hit by two rows", format->name);
    for (size_t i = 0; i < s->n; i++) {
        ok(row_index(s, s->rows[i].id) == i, "%s: row %s has its name to itself", format->name,
           s->rows[i].id);
        if (ok(s->hit[i], "%s: row %s has a sample", format->name, s->rows[i].id))
            check_fields(s, i);
    }
    log_table_free(s->table);
    free(s);
}

/* A sample's bytes, inflated; p is NULL if it cannot be read. */
static str
slurp(const char *path)
{
    struct diag d = { 0 };
    struct source s;
    str none = { 0 };
    if (!source_open(&s, path, &d))
        return none;
    char *copy = NULL;
    size_t n = 0;
    if (source_slurp(&s, SAMPLE_MAX, &d)) {
        n = s.window.n;
        copy = calloc(1, n + 1);
        memcpy(copy, s.window.p, n);
    }
    source_close(&s);
    return copy ? str_of(copy, n) : none;
}

static void
check_recognition(const struct format *format, const char *path, str bytes)
{
    str head = str_head(bytes, HEAD);
    bool eof = head.n == bytes.n;
    int own = format->recognise(head, eof);
    ok(own > UNSURE && format_recognise(head, eof) == format, "%s: is %s (%d)", path, format->name, own);
    for (size_t i = 0; formats[i]; i++) {
        int other = formats[i] == format ? 0 : formats[i]->recognise(head, eof);
        if (other > UNSURE)
            ok(false, "%s: is not %s (%d)", path, formats[i]->name, other);
    }
}

static void
check_format(const struct format *format)
{
    enum { FILES_MAX = 256 };
    char dir[256];
    snprintf(dir, sizeof dir, "samples/%s", format->name);
    struct dirent **names;
    int n = scandir(dir, &names, NULL, alphasort);
    if (n < 0) {
        ok(true, "%s # SKIP no samples", format->name);
        return;
    }
    str texts[FILES_MAX];
    size_t ntexts = 0;
    for (int i = 0; i < n; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);
        bool plain = names[i]->d_name[0] != '.' && names[i]->d_type == DT_REG && ntexts < FILES_MAX;
        free(names[i]);
        if (!plain)
            continue;
        str text = slurp(path);
        if (!ok(text.p != NULL, "%s: can be read", path))
            continue;
        check_recognition(format, path, text);
        texts[ntexts++] = text;
    }
    free(names);
    for (size_t i = 0; i < sizeof proofs / sizeof *proofs; i++)
        if (strcmp(proofs[i].format, format->name) == 0)
            check_rows(format, &proofs[i], texts, ntexts);
    while (ntexts)
        free((char *)(uintptr_t)texts[--ntexts].p);
}

int
main(void)
{
    for (size_t i = 0; formats[i]; i++)
        check_format(formats[i]);
    return done_testing();
}
