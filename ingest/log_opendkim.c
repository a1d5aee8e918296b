/* OpenDKIM: what it signed, what it verified.
 *
 * A verified signature takes two lines: one names it ("s=.. d=.. SSL ..."), the next says how the message fares ("DKIM
 * verification successful", "bad signature data").  Each is an event of its own; the first has no result
 * unless it names an error.  Joining them is for those who have the queue id in hand. */
#include "log_opendkim.h"

#include "log_family.h"
#include "syslog.h"

#define QID    "(?<queue_id>[^\\s:/]+): "
#define SIG    "s=(?<selector>\\S*) d=(?<domain>\\S*)(?: a=\\S*)?"
#define PAREN  "\\(s=(?<selector>[^,]*), d=(?<domain>[^,)]*)(?:, a=[^)]*)?\\)"
#define FAULT  "a fault of the filter itself"
#define SIGNER "decides between signing and verifying"

static const struct log_row rows[] = {
    /* signing; before 2.0 "header added", the oldest without key and domain */
    { "signed", "*", " added", QID "\"?DKIM-Signature\"? (?:field|header) added(?: " PAREN ")?", EVENT_AUTH,
      0, 0, "signed" },
    { "other-field", "*", " field added", QID "(?!\"?DKIM-Signature)[\\w-]+ field added.*", EVENT_IGNORED, 0,
      0, "a header field beside the signature" },
    { "no-table-match", "*", "@: no signing ",
      QID "(?<reason>no signing (?:table|domain|subdomain|keylist) match for "
          "[`'](?:[^'@]*@)?(?<domain>[^']*)')",
      EVENT_AUTH, 0, 0, "unsigned" },
    { "external", "*", "@: external host ",
      QID "(?<reason>external host (?:(?<client_name>[^\\s\\[\\]]*[^\\s\\[\\]\\d.:][^\\s\\[\\]]*) "
          "?)?(?:\\[?(?<client_ip>[\\dA-Fa-f:.]+)\\]?)? attempted to send as "
          "(?<domain>\\S*))",
      EVENT_AUTH, 0, 0, "unsigned" },
    { "skipping", "*", "@: skipping signing ", QID "(?<reason>skipping signing of mail to .*)", EVENT_AUTH, 0,
      0, "unsigned" },
    { "sign-failed", "*", "@: signature generation error", QID "(?<reason>signature generation error: .*)",
      EVENT_AUTH, 0, 0, "unsigned" },
    { "key-unusable", "*", "@: ",
      QID "(?<reason>error loading key .*|key data is not secure: .*|signing table references unknown key .*|"
          "error reading signing table|failed to add (?:default signing request|signature for (?:default "
          ")?key.*))",
      EVENT_AUTH, 0, 0, "unsigned" },

    /* verifying */
    { "verified", "*", "@: DKIM verification successful", QID "DKIM verification successful", EVENT_AUTH, 0,
      0, "pass" },
    { "bad", "*", "@: bad signature data", QID "(?<reason>bad signature data)", EVENT_AUTH, 0, 0, "fail" },
    { "none", "*", "@: no signature data", QID "no signature data", EVENT_AUTH, 0, 0, "none" },
    { "ssl", "*", "@: s=", QID SIG " SSL (?<reason>error:.*|\\S.*)", EVENT_AUTH, 0, 0, "fail" },
    { "signature", "*", "@: s=", QID SIG " SSL ?", EVENT_AUTH, 0, 0, NULL },
    { "ssl-only", "*", "@: SSL ", QID "(?<reason>SSL error:.*)", EVENT_AUTH, 0, 0, "fail" },
    { "revoked", "*", "@: key revoked", QID "(?<reason>key revoked)(?: " PAREN ")?", EVENT_AUTH, 0, 0,
      "permerror" },
    { "key-missing", "*", "@: key retrieval failed",
      QID "(?<reason>key retrieval failed)(?: " PAREN ")?(?:: .*)?", EVENT_AUTH, 0, 0, NULL },
    { "log-results", "*", "signature=",
      "(?:" QID ")?signature=\\S* domain=(?<domain>\\S*) selector=(?<selector>\\S*) "
      "result=\"(?<result>[^\"]*)\"",
      EVENT_AUTH, 0, 0, NULL },
    { "processing-failed", "*", "@: ",
      QID
      "(?<reason>syntax error: .*|signature processing failed: .*|RFC5322 header requirement error: .*|"
      "overflow parsing .*|can't parse (?:macro )?\\S+ header.*|can't determine message sender; accepting|"
      "failed to parse \\S+ header field)",
      EVENT_AUTH, 0, 0, "permerror" },
    { "internal", "*", "@: ", QID "(?<reason>.*(?:internal error from libopendkim|resource unavailable): .*)",
      EVENT_AUTH, 0, 0, "temperror" },
    { "adsp", "*", "ADSP", QID "(?<reason>.*ADSP.*)", EVENT_IGNORED, 0, 0, "ADSP, which is historic" },

    /* notes on a message that change nothing */
    { "not-internal", "*", " not internal", QID "\\S+ \\[[^\\]]*\\] not internal", EVENT_IGNORED, 0, 0,
      SIGNER },
    { "not-authenticated", "*", "@: not authenticated", QID "not authenticated", EVENT_IGNORED, 0, 0,
      SIGNER },
    { "no-mta-match", "*", "@: no ", QID "no (?:MTA name match|macros match).*", EVENT_IGNORED, 0, 0,
      SIGNER },
    { "mode", "*", "@: mode select", QID "mode select: .*", EVENT_IGNORED, 0, 0, SIGNER },
    { "exempted", "*", " exempted, accepting", QID "domain '.*' exempted, accepting", EVENT_IGNORED, 0, 0,
      "an exempted domain" },
    { "message-not-signed", "*", "@: message not signed", QID "message not signed.*", EVENT_IGNORED, 0, 0,
      SIGNER },
    { "ignored-signature", "*", "@: ignoring ", QID "ignoring (?:\\d+ signatures?|signature from .*)",
      EVENT_IGNORED, 0, 0, "a signature left aside" },
    { "signers", "*", "@: message has signatures from ", QID "message has signatures from .*", EVENT_IGNORED,
      0, 0, "whose signatures the message has; their results are told apart" },
    { "length", "*", "signing with l= requested", QID ".*", EVENT_IGNORED, 0, 0, "signs a part of the body" },
    { "ignored-field", "*", "ignoring header field '", "(?:" QID ")?ignoring header field '.*", EVENT_IGNORED,
      0, 0, "a header field left aside" },
    { "hooks", "*", "@: ",
      QID "(?:(?:smfi_|odkim\\.|dkimf_|dkim_get|dkim_add)\\S.*|can't (?!parse |determine ).*|error "
          "(?!loading key)(?!reading "
          "signing).*|failed to remove .*|.*header (?:add|remove) failed|(?:.*: )?(?:open|fopen|popen|pclose|"
          "malloc|strdup|stat|fstat|read|access)\\(\\).*|header removed|Authentication-Results .*|"
          "removing .*|\\S+ header removed|.* returned status \\d+)",
      EVENT_IGNORED, 0, 0, FAULT },

    /* the filter's own life */
    { "life", "*", "",
      "(?:OpenDKIM Filter|Sendmail DKIM Filter|dkim-filter|milter|libmilter|configuration (?:reloaded|error)|"
      "can't (?:configure|write|initialize|load|enable|open|create|set|get|send)|cache: |"
      "\\S+ configuration|terminat|exited|restarting|\\[parent\\]|\\[child\\]|socket cleanup|"
      "(?:get|set)rlimit|fork\\(|kill\\(|prctl\\(|pthread_|chdir|chroot|setuid|setgid|initgroups|no such|"
      "mlfi_|key '|KeyTable|could not find valid key|error (?:looking up|requesting)|unknown |invalid |"
      "failed to load |ignoring (?:connection|reload)|using default|WARNING|warning: |"
      "\\S+ (?:is (?:not owned|in group|writeable)|can be (?:read|written))|/\\S+: |"
      "\\S+ v\\d+\\.\\d+\\S* terminating).*",
      EVENT_IGNORED, 0, 0, "the filter's own life" },
};

const struct log_row *
opendkim_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

/* "no signature error" is the library's word for a good signature. */
static void
finish_auth(struct event *e)
{
    EV(e, ENGINE) = S("opendkim");
    EV(e, METHOD) = S("dkim");
    if (EV(e, RESULT).n) {
        bool good = str_eq(EV(e, RESULT), S("no signature error"));
        if (!good)
            EV(e, REASON) = EV(e, RESULT);
        EV(e, RESULT) = good                                         ? S("pass")
                        : str_has(EV(e, RESULT), S("bad signature")) ? S("fail")
                                                                     : S("permerror");
        return;
    }
    EV(e, RESULT) = EV(e, ACTION);
    EV(e, ACTION) = (str){ 0 };
    if (e->row && strcmp(e->row, "key-missing") == 0) {
        bool absent = str_has(e->text, S("not found")) || str_has(e->text, S("no key"));
        EV(e, RESULT) = absent ? S("permerror") : S("temperror");
        size_t colon = str_find(e->text, S("): "));
        size_t from = str_find(e->text, S("key retrieval failed"));
        if (colon != STR_NONE)
            EV(e, REASON) = str_skip(e->text, colon + 3);
        else if (from != STR_NONE)
            EV(e, REASON) = str_skip(e->text, from);
    }
}

static bool
opendkim_owns(str program)
{
    static const char *const names[] = { "opendkim", "dkim-filter", NULL };
    return log_is_named(program, names);
}

/* Whether a line of no row could tell of a signature. */
static bool
may_decide(str text)
{
    static const str words[] = { S("signature"), S("verif"), S("signed"), S("signing"), S("SSL"), S("key ") };
    if (!log_has_leading_id(text))
        return str_has(text, S("signature="));
    return str_has_any(text, words, sizeof words / sizeof *words);
}

static void
opendkim_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = opendkim_rows, .unknown = "not a known OpenDKIM line" };
    e->text = line->text;
    if (!log_family_match(&family, S("opendkim"), line->text, e)) {
        log_ignore_own_life(e, may_decide(line->text));
        return;
    }
    log_keep_queue_id(e);
    if (e->kind == EVENT_AUTH)
        finish_auth(e);
}

static int
opendkim_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, opendkim_owns);
}

const struct format format_opendkim = {
    .name = "opendkim",
    .kind = "log",
    .description = "OpenDKIM: signatures made and verified",
    .recognise = opendkim_recognise,
    .owns = opendkim_owns,
    .parse = opendkim_parse,
};
