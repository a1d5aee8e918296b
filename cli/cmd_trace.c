/* waybill trace: finds the journeys that a key means, shows each from end to end.
 *
 * A key is tried as what it looks like: journey/ID, an existing file with a raw message, a Message-ID,
 * HOST/QUEUEID, a queue id, a bare journey id, a recipient's address.  The first reading that finds something counts. */
#include "cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "source.h"
#include "trace_load.h"

enum { MOST_TRACES = 50 };

static int run(struct cli *, int argc, char **argv);

const struct command command_trace = {
    .name = "trace",
    .arguments = "KEY [options]",
    .summary = "follow one message from end to end",
    .run = run,
    .help = "  KEY               a Message-ID, HOST/QUEUEID, QUEUEID, journey/ID, a recipient's address (its "
            "ten\n"
            "                    latest messages), or a file with a raw message\n"
            "  --evidence        print the very lines and headers, read from the sources' files\n"
            "  --format FORMAT   text, json or html\n"
            "  --json            short for --format json\n"
            "  -o, --output FILE write there\n"
            "Exit status 1: nothing was found.\n",
};

struct search {
    struct db *db;
    struct arena *a;
    struct rows found; /* journey_id */
};

static bool
try_query(struct search *s, const char *query, str one, const str *two)
{
    struct diag d = { 0 };
    str params[] = { one, two ? *two : (str){ 0 } };
    if (!load_rows(s->db, s->a, query, params, two ? 2 : 1, &s->found, &d))
        die_diag(&d);
    return s->found.n > 0;
}

static bool
is_number(str s)
{
    int64_t v;
    return str_to_i64(s, &v);
}

static bool
by_queue_id(struct search *s, str id, str host)
{
    return id.n && try_query(s, "queries/trace_find_queue_id.sql", id, &host);
}

/* The Message-ID of a raw message in a file, without brackets; empty if it is no file or has none. */
static str
message_id_of_file(struct arena *a, const char *path)
{
    enum { HEADER_MOST = MESSAGE_MAX_HEADER_BYTES };
    struct source s = { 0 };
    struct diag d = { 0 };
    struct message m = { 0 };
    if (access(path, R_OK) != 0 || !source_open(&s, path, &d))
        return S("");
    str id = S("");
    if (source_want(&s, HEADER_MOST, &d)) {
        message_parse_headers(&m, a, arena_copy(a, str_head(s.window, HEADER_MOST)));
        id = message_id_of(message_header_value(&m, "Message-ID"));
    }
    source_close(&s);
    return id;
}

/* The latest messages to an address; says how many more there are. */
static bool
by_recipient(struct search *s, str address)
{
    uint64_t of = 0;
    if (!try_query(s, "queries/trace_find_recipient.sql", address, NULL))
        return false;
    if (str_to_u64(rows_get(&s->found, 0, "of"), &of) && of > s->found.n)
        warn("the latest %zu of %llu messages to %.*s; all: waybill report details --where recipient=%.*s",
             s->found.n, (unsigned long long)of, PRSTR(address), PRSTR(rows_get(&s->found, 0, "recipient")));
    return true;
}

/* What a key can mean. */
struct ids {
    str message_id, queue_id, recipient, host;
};

static bool
find(struct search *s, str key, const char *path, struct ids *ids)
{
    struct str_cut slash = str_rcut(key, '/');
    if (str_starts(key, S("journey/")))
        return is_number(slash.tail) && try_query(s, "queries/trace_find_journey.sql", slash.tail, NULL);
    str in_file = message_id_of_file(s->a, path);
    str bare = str_starts(key, S("<")) ? str_unwrap(key, '<', '>') : key;
    ids->message_id = in_file.n ? in_file : bare;
    if (ids->message_id.n && try_query(s, "queries/trace_find_message_id.sql", ids->message_id, NULL))
        return true;
    if (in_file.n)
        return false;
    ids->queue_id = slash.found ? slash.tail : key;
    ids->host = slash.found ? slash.head : (str){ 0 };
    if (by_queue_id(s, ids->queue_id, ids->host))
        return true;
    if (is_number(key) && try_query(s, "queries/trace_find_journey.sql", key, NULL))
        return true;
    ids->recipient = str_cut(bare, '@').found ? bare : (str){ 0 };
    return ids->recipient.n && by_recipient(s, bare);
}

static struct trace_result
search_all(struct db *db, struct arena *a, const char *key, bool evidence)
{
    struct search s = { .db = db, .a = a };
    struct diag d = { 0 };
    struct trace_result r = { .key = str_from(key) };
    struct ids ids = { 0 };
    struct trace *traces = ARENA_ARRAY(a, struct trace, MOST_TRACES);
    if (!find(&s, r.key, key, &ids)) {
        str any[] = { ids.message_id, ids.queue_id, ids.recipient, ids.host };
        if ((ids.message_id.n || ids.queue_id.n) &&
            !load_rows(db, a, "queries/trace_find_refusals.sql", any, 4, &r.refusals, &d))
            die_diag(&d);
        return r;
    }
    for (size_t i = 0; i < s.found.n && i < MOST_TRACES; i++) {
        struct trace *t = &traces[r.ntraces];
        if (!load_trace(db, a, rows_get(&s.found, i, "journey_id"), t, &d))
            die_diag(&d);
        if (t->journey.n == 0)
            continue;
        if (evidence && !load_evidence(db, a, t, &d))
            die_diag(&d);
        r.ntraces++;
    }
    if (s.found.n >= MOST_TRACES)
        warn("the first %d messages of that name; all: waybill report details --where message_id=%s",
             MOST_TRACES, key);
    r.traces = traces;
    return r;
}

static void
say_not_found(struct db *db, struct arena *a, const char *key)
{
    enum gap gap = load_gap(db, a);
    warn("nothing is known of \"%s\"%s", key,
         gap == GAP_NOTHING_INGESTED
             ? " (nothing was ingested yet: waybill ingest PATH, then waybill analyze)"
         : gap == GAP_NOT_ANALYZED
             ? " (something was ingested since the last waybill analyze)"
             : " (a key is a Message-ID, a queue id, HOST/QUEUEID, a recipient's address or a file)");
}

/* "-123", a bare journey id, must not be taken for options. */
static void
shield_negative_ids(struct arena *a, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (argv[i][0] == '-' && strlen(argv[i]) > 4 &&
            strspn(argv[i] + 1, "0123456789") == strlen(argv[i] + 1)) {
            str s = arena_printf(a, "journey/%s", argv[i]);
            char *z = arena_alloc(a, s.n + 1);
            memcpy(z, s.p, s.n);
            argv[i] = z;
        }
}

static int
run(struct cli *cli, int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(struct buf *, const struct trace_result *);
    } formats[] = { { "text", NULL }, { "json", trace_json }, { "html", trace_html } };
    struct arena a = { 0 };
    struct diag d = { 0 };
    struct output output = { 0 };
    const char *format = "text";
    bool evidence = false, json = false;
    int code;
    const struct opt opts[] = {
        { "evidence", 'e', OPT_FLAG, &evidence },
        { "format", 'f', OPT_STRING, &format },
        { "json", 0, OPT_FLAG, &json },
        { "output", 'o', OPT_STRING, &output.path },
        { .name = NULL },
    };
    shield_negative_ids(&a, argc, argv);
    int n = opt_parse(&command_trace, opts, argc, argv, &code);
    if (n < 0)
        return code;
    size_t f = 0;
    while (f < 3 && strcmp(formats[f].name, json ? "json" : format) != 0)
        f++;
    if (n != 1 || f == 3) {
        warn(n != 1 ? "trace wants one key: a Message-ID, a queue id, a recipient's address or a file"
                    : "no format is called \"%s\" (text, json, html)",
             format);
        return EXIT_USAGE;
    }
    struct db *db = NULL;
    struct buf out = { 0 };
    if (!db_open_ready(&db, cli->db, &d) || !db_exec(db, sql_text("queries/report_begin.sql"), &d))
        die_diag(&d);
    struct trace_result r = search_all(db, &a, argv[1], evidence);
    bool found = r.ntraces || r.refusals.n;
    if (!found)
        say_not_found(db, &a, argv[1]);
    if (formats[f].print)
        formats[f].print(&out, &r);
    else
        trace_text(&out, &r, terminal_width(output.path));
    db_close(db);
    if ((found || f == 1) && !output_write(&output, buf_str(&out), &d))
        die_diag(&d);
    buf_free(&out);
    arena_free(&a);
    return found ? EXIT_FINE : EXIT_BAD_FINDING;
}
