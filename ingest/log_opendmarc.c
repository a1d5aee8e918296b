/* OpenDMARC: its verdict, and the SPF and ARC results it found on the way.
 *
 * What it did about a failure stands in the MTA's line (milter-reject), not here. */
#include "log_opendmarc.h"

#include "log_family.h"
#include "syslog.h"

#define QID "(?<queue_id>[^\\s:]+): "

static const struct log_row rows[] = {
    { "spf", "*", ": SPF(",
      QID "SPF\\((?<detail>\\w+)\\): (?<domain>\\S*) (?<result>pass|fail|softfail|neutral|none|temperror|"
          "permerror|\\w+)",
      EVENT_AUTH, 0, 0, "spf" },
    { "arc", "*", ": ARC pass", QID "ARC pass, (?<reason>policy (?:pass|fail) > .*)", EVENT_AUTH, 0, 0,
      "arc" },
    { "dmarc", "*", "",
      QID "(?<domain>[^\\s:]+) (?<result>pass|fail|none|bestguesspass|temperror|permerror|policy|"
          "quarantine|reject|unknown)",
      EVENT_AUTH, 0, 0, "dmarc" },
    { "from", "*", ": ",
      QID "(?<reason>unable to parse From header field|multi-valued From field detected|RFC5322 requirement "
          "error: .*)",
      EVENT_AUTH, 0, 0, "dmarc" },
    { "query", "*", "opendmarc_policy_query_dmarc(",
      QID "(?<reason>opendmarc_policy_query_dmarc\\((?<domain>[^)]*)\\) returned status \\d+)", EVENT_AUTH, 0,
      0, "dmarc" },
    { "ignored-results", "*", " ignoring ",
      "[^\\s:]+:? ignoring (?:Authentication-Results at \\d+ from .*|invalid \\S+ header .*|mail from .*)",
      EVENT_IGNORED, 0, 0, "recorded results left aside" },
    { "results", "*", ": ",
      QID "(?:can't extract SPF address .*|unable to parse validated SPF address .*|"
          "opendmarc_policy_(?!query_dmarc)\\S+ returned status \\d+|DMARC context initialization failed|"
          "unable to create buffer .*|smfi_\\w+\\(\\) failed|.* header add failed|"
          "(?:[^\\s:]+: )?(?:popen|pclose|fopen|flock|fwrite|malloc|read/parse)\\b.*|read/parse error.*)",
      EVENT_IGNORED, 0, 0, "a fault of the filter itself" },
    { "life", "*", "",
      "(?:OpenDMARC Filter|milter|libmilter|additional trusted authentication services: |"
      "implicit authentication service: |trusted authentication services|ignoring (?:connection|mail|reload)|"
      "configuration (?:reloaded|error)|can't |\\S+ v\\d+\\.\\d+\\S* "
      "(?:starting|terminating)|terminat|exited|"
      "restarting|socket "
      "cleanup|\\[parent\\]|\\[child\\]|fork\\(|kill\\(|prctl\\(|pthread_|(?:get|set)rlimit|"
      "initgroups|setuid|setgid|chroot|chdir|no such|mlfi_|using |WARNING|warning: |/\\S+: |"
      "\\S+ malloc\\(\\)).*",
      EVENT_IGNORED, 0, 0, "the filter's own life" },
};

const struct log_row *
opendmarc_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

/* Its word for a policy found by guessing is not RFC 8601's. */
static void
finish_auth(struct event *e)
{
    EV(e, ENGINE) = S("opendmarc");
    EV(e, METHOD) = EV(e, ACTION);
    EV(e, ACTION) = (str){ 0 };
    EV(e, RESULT) = log_auth_word(EV(e, RESULT));
    EV(e, DOMAIN) = log_domain_of(EV(e, DOMAIN));
    if (str_eq(EV(e, RESULT), S("bestguesspass")))
        EV(e, RESULT) = S("pass");
    if (strcmp(e->row, "arc") == 0)
        EV(e, RESULT) = S("pass");
    else if (strcmp(e->row, "from") == 0)
        EV(e, RESULT) = S("permerror");
    else if (strcmp(e->row, "query") == 0)
        EV(e, RESULT) = S("temperror");
}

static bool
opendmarc_owns(str program)
{
    static const char *const names[] = { "opendmarc", NULL };
    return log_is_named(program, names);
}

/* Whether a line of no row could be a verdict. */
static bool
may_decide(str text)
{
    static const str words[] = { S("pass"), S("fail"), S("reject"), S("quarantine"), S("SPF") };
    return log_has_leading_id(text) && str_has_any(text, words, sizeof words / sizeof *words);
}

static void
opendmarc_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = opendmarc_rows, .unknown = "not a known OpenDMARC line" };
    if (!log_family_match(&family, S("opendmarc"), line->text, e)) {
        log_ignore_own_life(e, may_decide(line->text));
        return;
    }
    log_keep_queue_id(e);
    if (e->kind == EVENT_AUTH)
        finish_auth(e);
}

static int
opendmarc_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, opendmarc_owns);
}

const struct format format_opendmarc = {
    .name = "opendmarc",
    .kind = "log",
    .description = "OpenDMARC: DMARC verdicts, and the SPF and ARC results behind them",
    .recognise = opendmarc_recognise,
    .owns = opendmarc_owns,
    .parse = opendmarc_parse,
};
