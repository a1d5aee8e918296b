/* Reads DMARC aggregate reports and prints, for each file, a line of tab-separated counts:
 * file, reports, records, messages, rejects, whether the account adds up; with -j the reports as JSON,
 * with -r the reasons of rejects, on lines of their own. */
#include <stdio.h>
#include <unistd.h>

#include "arena.h"
#include "dmarc_json.h"
#include "format.h"
#include "mime.h"
#include "report.h"

struct counts {
    struct sink sink;
    size_t reports, ended, records, rejects;
    uint64_t messages;
    bool json, reasons;
    struct buf out;
    struct dmarc_json writer;
};

static bool
on_begin(struct sink *s, const struct dmarc_report *r)
{
    struct counts *c = (struct counts *)(void *)s;
    c->reports++;
    if (c->json)
        dmarc_json_begin(&c->writer, &c->out, s->source, r);
    return true;
}

static bool
on_record(struct sink *s, const struct dmarc_record *r)
{
    struct counts *c = (struct counts *)(void *)s;
    c->records++;
    c->messages += (uint64_t)r->count;
    if (c->json)
        dmarc_json_record(&c->writer, r);
    if (c->out.n > 1 << 16) {
        fwrite(c->out.p, 1, c->out.n, stdout);
        c->out.n = 0;
    }
    return true;
}

static bool
on_end(struct sink *s, const struct dmarc_report *r)
{
    struct counts *c = (struct counts *)(void *)s;
    c->ended++;
    if (c->json) {
        dmarc_json_end(&c->writer, r);
        buf_char(&c->out, '\n');
        fwrite(c->out.p, 1, c->out.n, stdout);
        c->out.n = 0;
    }
    return true;
}

static bool
on_reject(struct sink *s, const struct reject *r)
{
    struct counts *c = (struct counts *)(void *)s;
    c->rejects++;
    if (c->reasons)
        fprintf(stderr, "%.*s:%ju: %.*s [%ju+%ju]\n", PRSTR(s->source), (uintmax_t)r->line, PRSTR(r->reason),
                (uintmax_t)r->origin.offset, (uintmax_t)r->origin.length);
    return true;
}

static const struct sink_ops ops = {
    .dmarc_begin = on_begin, .dmarc_record = on_record, .dmarc_end = on_end, .reject = on_reject
};

/* A mail, if that is what the file is. */
static bool
read_mail(struct source *s, struct counts *c)
{
    struct arena a = { 0 };
    struct message m = { 0 };
    if (!source_slurp(s, 64 << 20, &c->sink.diag))
        return false;
    message_parse_headers(&m, &a, s->window);
    struct message_source from = { .origin = { 0, s->window.n } };
    reports_from_message(&a, &m, &from, &c->sink);
    account_record(c->sink.account, s->window.n, WHEN_NONE);
    source_take(s, s->window.n);
    arena_free(&a);
    return true;
}

static bool
read_file(const char *path, struct counts *c)
{
    extern const struct format format_dmarc;
    struct source s;
    struct account account = { .first_at = WHEN_NONE, .last_at = WHEN_NONE };
    struct ingest_options options = { 0 };
    c->sink = (struct sink){ .ops = &ops, .account = &account, .source = str_from(path) };
    c->reports = c->ended = c->records = c->rejects = 0;
    c->messages = 0;
    if (!source_open(&s, path, &c->sink.diag) || !source_want(&s, 1 << 16, &c->sink.diag))
        return false;
    bool ours = format_dmarc.recognise(s.window, s.eof) > 0;
    bool good = !ours && str_ends(str_from(path), S(".eml")) ? read_mail(&s, c)
                                                             : format_dmarc.read(&s, &options, &c->sink);
    bool adds_up =
        account.recorded + account.rejected + account.ignored == s.offset && c->reports == c->ended;
    printf("%s\t%zu\t%zu\t%ju\t%zu\t%s\t%s\n", path, c->reports, c->records, (uintmax_t)c->messages,
           c->rejects, adds_up ? "adds up" : "DIFFERS", ours ? "recognised" : "-");
    if (!adds_up && c->reasons)
        fprintf(stderr, "recorded %ju rejected %ju ignored %ju of %ju\n", (uintmax_t)account.recorded,
                (uintmax_t)account.rejected, (uintmax_t)account.ignored, (uintmax_t)s.offset);
    source_close(&s);
    return good;
}

int
main(int argc, char **argv)
{
    struct counts c = { 0 };
    int option, bad = 0;
    while ((option = getopt(argc, argv, "jr")) != -1) {
        c.json |= option == 'j';
        c.reasons |= option == 'r';
    }
    for (int i = optind; i < argc; i++) {
        if (!read_file(argv[i], &c)) {
            fprintf(stderr, "%s\n", c.sink.diag.text);
            bad = 1;
        }
    }
    buf_free(&c.out);
    return bad;
}
