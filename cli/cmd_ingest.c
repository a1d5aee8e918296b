/* waybill ingest: reads files, directories, Maildirs and standard input into the database. */
#include <stdio.h>

#include "follow.h"
#include "ingest_imap.h"
#include "ingest_run.h"
#include "reply.h"

static bool
take_names(struct ingest *in, const char *format, const char *host, const char *zone_name, struct zone *zone)
{
    if (format && (in->forced = format_find(str_from(format))) == NULL) {
        warn("no format is called %s (waybill formats lists them)", format);
        return false;
    }
    if (zone_name) {
        if (!zone_init(zone, str_from(zone_name))) {
            warn("no time zone is called %s (UTC, +02:00, Europe/Berlin)", zone_name);
            return false;
        }
        in->options.zone = zone;
    }
    in->options.host = str_from(host);
    in->options.format = format;
    return true;
}

static bool
follow_options_check(const struct follow_options *o, bool follows, bool dry_run)
{
    if ((o->analyze_every_s || o->poll) && !follows)
        warn("--%s goes with --follow", o->poll ? "poll" : "analyze-every");
    else if (follows && dry_run)
        warn("--follow writes to a database, --dry-run to standard output: choose one");
    else if (o->analyze_every_s < 0)
        warn("--analyze-every wants a number of seconds");
    else
        return true;
    return false;
}

/* Where records go: standard output, or a database, which is brought up to date. */
static void
open_sink(struct ingest *in, struct cli *cli, bool dry_run, bool follows)
{
    struct diag d = { 0 };
    if (dry_run) {
        in->ndjson = ndjson_new(stdout);
        in->sink = ndjson_sink(in->ndjson);
        in->sink->classify = reply_classify;
        return;
    }
    bool (*make)(struct load **, struct db *, reply_classifier *, struct diag *) =
        follows ? load_new_sharing : load_new;
    if (!db_open_ready(&in->db, cli->db, &d) || !make(&in->load, in->db, reply_classify, &d))
        die_diag(&d);
    in->sink = load_sink(in->load);
}

static bool
is_interrupted(void)
{
    return interrupted != 0;
}

static int
run_ingest(struct cli *cli, int argc, char **argv)
{
    const char *format = NULL, *host = NULL, *zone_name = NULL, *rules = NULL, *own_formats = NULL;
    int64_t year = 0;
    struct follow_options follow = { 0 };
    bool follows = false, dry_run = false, strict = false, place_by_folder = false;
    struct imap_options imap = { .retries = IMAP_RETRIES };
    when now = when_now();
    struct zone zone;
    int code = EXIT_USAGE;
    extern const struct command command_ingest;
    const struct opt opts[] = {
        { "format", 0, OPT_STRING, &format },
        { "host", 0, OPT_STRING, &host },
        { "timezone", 0, OPT_STRING, &zone_name },
        { "year", 0, OPT_INT, &year },
        { "reply-rules", 0, OPT_STRING, &rules },
        { "formats", 0, OPT_STRING, &own_formats },
        { "dry-run", 'n', OPT_FLAG, &dry_run },
        { "strict", 0, OPT_FLAG, &strict },
        { "placement-from-folder", 0, OPT_FLAG, &place_by_folder },
        { "follow", 'f', OPT_FLAG, &follows },
        { "analyze-every", 0, OPT_INT, &follow.analyze_every_s },
        { "poll", 0, OPT_FLAG, &follow.poll },
        { "now", 0, OPT_TIME, &now },
        IMAP_OPTION_ROWS(imap),
        { NULL, 0, 0, NULL },
    };
    interrupt_catch();
    source_stop_when(is_interrupted);
    int n = opt_parse(&command_ingest, opts, argc, argv, &code);
    if (n < 0)
        return code;
    struct ingest in = { .options = {
                             .now = now, .stored_at = WHEN_NONE, .progress = ingest_show_progress } };
    if (year != 0 && (year < 1970 || year > 9999)) {
        warn("--year %lld: years are from 1970 to 9999", (long long)year);
        return EXIT_USAGE;
    }
    in.options.year = (int)year;
    in.place_by_folder = place_by_folder;
    if (zone_name == NULL)
        zone_name = config_get(cli, "timezone");
    config_formats(cli, own_formats);
    if (!take_names(&in, format, host, zone_name, &zone))
        return EXIT_USAGE;
    if (n == 0) {
        warn("ingest: no path given; - reads standard input (waybill ingest --help)");
        return EXIT_USAGE;
    }
    if (!imap_options_check(&imap, n, argv + 1, dry_run))
        return EXIT_USAGE;
    if (!follow_options_check(&follow, follows, dry_run))
        return EXIT_USAGE;
    follow.reply_rules = rules;
    config_reply_rules(cli, rules);
    struct arena paths = { 0 };
    in.started_at = when_now();
    in.options_text = arena_printf(&paths, "host=%s timezone=%s year=%lld", host ? host : "",
                                   zone_name ? zone_name : "", (long long)year);
    open_sink(&in, cli, dry_run, follows);
    in.many = !follows && (n > 1 || is_directory(argv[1])); /* --follow takes one at a time */
    for (int i = 1; i <= n && in.arguments.n < 2000; i++)
        buf_printf(&in.arguments, "%s%.500s", i > 1 ? " " : "", argv[i]);
    for (int i = 1; i <= n && !follows && !in.failed && !interrupted; i++)
        if (imap_is_url(str_from(argv[i])))
            ingest_imap(&imap, argv[i], &in);
        else
            walk(&paths, argv[i], ingest_file, ingest_problem, &in);
    code = follows ? follow_run(&in, cli, &follow, argv + 1, n) : ingest_finish(&in, strict);
    arena_free(&paths);
    arena_free(&in.arena);
    return code;
}

const struct command command_ingest = {
    .name = "ingest",
    .arguments = "[options] PATH...",
    .summary = "read logs, messages and reports into the database",
    .run = run_ingest,
    .help =
        "  --format NAME     take every source for this format instead of looking at its content\n"
        "  --host NAME       the host that wrote the logs, where they do not say it or say it badly\n"
        "  --timezone ZONE   zone of time stamps without one: UTC, +02:00, Europe/Berlin\n"
        "  --year YYYY       year of time stamps without one, at the beginning of each source\n"
        "  --formats PATH    formats of your own: a file, or a directory of *.format (waybill-formats(7))\n"
        "  --reply-rules FILE  rules of your own for replies, before the built-in ones (waybill-rules(5))\n"
        "  -n, --dry-run     print what is read as NDJSON; needs no database\n"
        "  --placement-from-folder\n"
        "                    take a message's folder and mailbox from its path, Maildir or not\n"
        "  -f, --follow      keep reading as files grow, across rotation, and pipes, until SIGTERM\n"
        "  --analyze-every N  with --follow: run analyze beside it, every N seconds if something is new\n"
        "  --poll            with --follow: look every second instead of relying on inotify\n"
        "  --strict          exit with 65 if anything was rejected\n"
        "  --now TIME        the present, for guessing years\n" IMAP_OPTION_HELP,
};
