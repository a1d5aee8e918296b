/* SPF policy servers of Postfix: policyd-spf (Python, also as pyspf-milter) and postfix-policyd-spf-perl.
 *
 * They write the header field that they add, Received-SPF (RFC 7208 9.1) or Authentication-Results, or
 * the reply they give.  Most lines bear no queue id: the message is known by client, HELO name and
 * envelope, which go to the event.  A field repeats the result once per recipient; each line is an event. */
#include "log_policyd_spf.h"

#include "log_family.h"
#include "syslog.h"

#define QID "(?::? ?(?<queue_id>[0-9A-Za-z-]+): |:\\s*)?"
/* What is done with the field; the milter's log has nothing before it. */
#define ADD "(?:prepend |PREPEND |Header field not prepended: |result_only |Policy action=PREPEND |: )?"

static const struct log_row rows[] = {
    { "received-spf", "*", "Received-SPF: ",
      QID ADD "Received-SPF: (?<result>[\\w-]+)(?: \\((?<reason>[^()]*(?:\\([^()]*\\)[^()]*)*)\\))? ?"
              "(?<reply>.*)",
      EVENT_AUTH, 0, 0, NULL },
    { "authentication-results", "*", "Authentication-Results: ",
      QID ADD "Authentication-Results: [^;]*; ?spf=(?<result>\\w+)(?: \\((?<reason>[^)]*)\\))?"
              "(?: smtp\\.\\w+=(?<domain>[^\\s(;]*))?(?: ?\\((?<reply>.*)\\))?.*",
      EVENT_AUTH, 0, 0, NULL },
    { "details", "*", "; identity=", "(?<result>\\w+)(?:; )(?<reply>identity=.*)", EVENT_AUTH, 0, 0, NULL },
    { "skipped", "*", "X-Comment: ", QID ADD "X-Comment: .*", EVENT_IGNORED, 0, 0,
      "SPF is not checked for this client" },
    /* a refusal or a deferral: "550 5.7.23 Message rejected due to: SPF fail - not authorized. Please see
     * http://www.openspf.net/Why?s=mfrom;id=a@b;ip=192.0.2.1;r=c" */
    { "refused", "*", "",
      QID "(?:Policy action=)?(?<code>[45]\\d\\d) (?:(?<enhanced>[45]\\.\\d+\\.\\d+) )?(?<reason>.*)",
      EVENT_AUTH, 0, 0, "fail" },
    { "refused.word", "*", "",
      QID
      "(?:Policy action=)?(?:DEFER|REJECT|DEFER_IF_PERMIT|DEFER_IF_REJECT|defer_if_permit|defer|reject)\\b"
      "(?: (?:(?<code>[45]\\d\\d) )?(?:(?<enhanced>[45]\\.\\d+\\.\\d+) )?(?<reason>.*))?",
      EVENT_AUTH, 0, 0, "fail" },
    /* postfix-policyd-spf-perl, verbose */
    { "perl.result", "*", "SPF ",
      "(?:: )?SPF (?<result>\\w+)(?: \\((?<reason>.*)\\))?: (?:HELO/EHLO(?: \\(Null Sender\\))?: "
      "(?<helo>[^\\s,]*)|Envelope-from: (?<mail_from>[^,]*))(?:, IP Address: (?<client_ip>[^,]*), Recipient: "
      "(?<recipient>.*))?",
      EVENT_AUTH, 0, 0, NULL },
    /* its first versions: "SPF fail: smtp_comment=.., header_comment=host: domain of a@b does not designate 192.0.2.1 .." */
    { "perl.comment", "*", ": smtp_comment=",
      "(?:(?<queue_id>\\w+): |(?:: )*)SPF (?<result>\\w+): smtp_comment=(?<reason>.*?), header_comment=\\S*: "
      "domain of "
      "(?:(?<mail_from>\\S+@\\S+) )?.*?(?:designates? (?<client_ip>[\\d.:A-Fa-f]+) as .*)?",
      EVENT_AUTH, 0, 0, NULL },
    { "perl.local", "*", "^SPF not applicable", "SPF not applicable to localhost connection - skipped check",
      EVENT_IGNORED, 0, 0, "SPF is not checked for this client" },
    { "perl.action", "*",
      "Policy action=", "(?:: )?Policy action=(?:DUNNO|dunno|OK|<UNKNOWN>|PREPEND X-Comment:).*",
      EVENT_IGNORED, 0, 0, "takes no position" },
    { "perl.life", "*", "",
      "(?:: )?(?:handler |Attribute: |testing: |new SPF|warning: |fatal|HELO check failed|Mail From "
      "\\(sender\\) check failed|cached |using ).*",
      EVENT_IGNORED, 0, 0, "the policy server's own life" },
    { "life", "*", "",
      "(?:spfcheck: |Config|Action: |Read line: |Found the end|Cached data|skip_addresses|Skip |Starting|"
      "Normal exit|ERROR|WARNING|Per user|Ouch|Traceback|Exception|  File |    |\\w+(?:Error|Exception)\\b|"
      "\\S+ check used peruser|not peruser|_get_resultcodes|Scope |helo policy|mfrom policy|"
      "(?:\\S+ )?Whitelist|HELO |PTR Domain|Domain Whitelist|HELO_\\w+|Header(?:_| text)|Authserv_Id|Pyspf|"
      "connect from |mail from: |pyspf-milter|Could not|No |dunno|DUNNO|Reject_|Unexpected|unable|"
      "[a-zA-Z_]+ enabled).*",
      EVENT_IGNORED, 0, 0, "the policy server's own life" },
};

const struct log_row *
policyd_spf_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

enum detail { DETAIL_FROM, DETAIL_IP, DETAIL_HELO, DETAIL_IDENTITY, DETAIL_RECEIVER, DETAILS };

/* What a list "a=b; c="d"; ..." says of each, the first time; values may hold blanks, not semicolons. */
static void
cut_details(str list, str values[DETAILS])
{
    static const str keys[DETAILS] = { S("envelope-from="), S("client-ip="), S("helo="), S("identity="),
                                       S("receiver=") };
    bool said[DETAILS] = { 0 };
    for (str rest = list; rest.n;) {
        struct str_cut c = str_cut(rest, ';');
        str pair = str_trim(c.head);
        for (size_t i = 0; i < DETAILS; i++)
            if (!said[i] && str_starts(pair, keys[i])) {
                str v = str_trim(str_skip(pair, keys[i].n));
                values[i] = v.n >= 2 && v.p[0] == '"' && v.p[v.n - 1] == '"' ? str_of(v.p + 1, v.n - 2) : v;
                said[i] = true;
            }
        rest = c.tail;
    }
}

/* The details of a Received-SPF field: they alone say who is meant. */
static void
take_details(struct event *e, str list)
{
    str values[DETAILS] = { 0 };
    cut_details(list, values);
    str from = values[DETAIL_FROM];
    EV(e, CLIENT_IP) = values[DETAIL_IP];
    EV(e, HELO) = values[DETAIL_HELO];
    EV(e, DETAIL) = values[DETAIL_IDENTITY];
    EV(e, RECIPIENT) = values[DETAIL_RECEIVER];
    if (!str_has(EV(e, RECIPIENT), S("@"))) /* the host's own name */
        EV(e, RECIPIENT) = (str){ 0 };
    if (str_eq(EV(e, RECIPIENT), S("<UNKNOWN>")) ||
        str_eq(EV(e, RECIPIENT), S("UNKNOWN"))) /* hidden from readers */
        EV(e, RECIPIENT) = (str){ 0 };
    if (str_has(list, S("envelope-from="))) {
        EV(e, MAIL_FROM) = str_eq(from, S("<>")) ? (str){ 0 } : from;
        e->flags |= EVENT_HAS_MAIL_FROM;
    }
}

/* "...Why?s=mfrom;id=user%40example.com;ip=192.0.2.1;r=mx": identity and client of a refusal. */
static void
take_explanation(struct event *e)
{
    size_t at = str_find(EV(e, REASON), S("?s="));
    if (at == STR_NONE)
        return;
    str query = str_skip(EV(e, REASON), at + 1);
    bool amp = str_has(query, S("&"));
    for (str rest = query; rest.n;) {
        struct str_cut c = str_cut(rest, amp ? '&' : ';');
        if (str_starts(c.head, S("ip=")))
            EV(e, CLIENT_IP) = str_skip(c.head, 3);
        else if (str_starts(c.head, S("id=")))
            EV(e, DOMAIN) = log_domain_of(str_skip(c.head, 3));
        else if (str_starts(c.head, S("s=")))
            EV(e, DETAIL) = str_skip(c.head, 2);
        rest = c.tail;
    }
    size_t encoded = str_ifind(EV(e, DOMAIN), S("%40"));
    if (encoded != STR_NONE)
        EV(e, DOMAIN) = str_skip(EV(e, DOMAIN), encoded + 3);
}

static void
finish_auth(struct event *e)
{
    EV(e, ENGINE) = S("policyd-spf");
    EV(e, METHOD) = S("spf");
    if (EV(e, REPLY).n)
        take_details(e, EV(e, REPLY));
    EV(e, REPLY) = (str){ 0 };
    if (str_eq(EV(e, REASON), EV(e, DETAIL))) /* "Pass (mailfrom) identity=mailfrom": no reason */
        EV(e, REASON) = (str){ 0 };
    if (EV(e, RESULT).n == 0) { /* a refusal names its result in words */
        bool later = str_has(EV(e, REASON), S("emporary")) || str_has(EV(e, REASON), S("emperror"));
        bool broken = str_has(EV(e, REASON), S("ermanent")) || str_has(EV(e, REASON), S("ermerror"));
        bool soft = str_ifind(EV(e, REASON), S("softfail")) != STR_NONE;
        EV(e, RESULT) = later    ? S("temperror")
                        : broken ? S("permerror")
                        : soft   ? S("softfail")
                                 : EV(e, ACTION);
        EV(e, ACTION) = (str){ 0 };
        take_explanation(e);
    }
    EV(e, RESULT) = log_auth_word(EV(e, RESULT));
    EV(e, DOMAIN) = log_domain_of(EV(e, DOMAIN));
    if (EV(e, DOMAIN).n)
        return;
    bool helo = str_eq(EV(e, DETAIL), S("helo")) || EV(e, MAIL_FROM).n == 0;
    EV(e, DOMAIN) = helo ? EV(e, HELO) : log_domain_of(EV(e, MAIL_FROM));
}

static bool
policyd_spf_owns(str program)
{
    static const char *const names[] = { "policyd-spf",
                                         "policy-spf",
                                         "postfix-policyd-spf-perl",
                                         "postfix-policyd-spf-python",
                                         "pyspf-milter",
                                         "policyd-spf-perl",
                                         "spf-policy",
                                         NULL };
    return log_is_named(log_tag_tail(program), names);
}

static void
policyd_spf_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = policyd_spf_rows,
                                        .unknown = "not a known line of an SPF policy server" };
    if (!log_family_match(&family, S("policyd-spf"), line->text, e)) {
        log_ignore_own_life(e, str_ifind(line->text, S("spf")) != STR_NONE);
        return;
    }
    log_keep_queue_id(e);
    if (e->kind == EVENT_AUTH)
        finish_auth(e);
}

static int
policyd_spf_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, policyd_spf_owns);
}

const struct format format_policyd_spf = {
    .name = "policyd-spf",
    .kind = "log",
    .description = "SPF policy servers of Postfix: policyd-spf, postfix-policyd-spf-perl",
    .recognise = policyd_spf_recognise,
    .owns = policyd_spf_owns,
    .parse = policyd_spf_parse,
};
