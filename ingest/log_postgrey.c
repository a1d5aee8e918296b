/* Greylisters and policy servers: postgrey, sqlgrey, milter-greylist, policyd (1 and 2, "cluebringer"), postfwd.
 *
 * They decide before there is a queue id, by client, sender and recipient; the reply itself is a refusal
 * in the MTA's log.  So a decision is a filter event: action "greylist" or "pass" (or the server's
 * own word), reason, and the triplet. */
#include "log_postgrey.h"

#include "log_family.h"
#include "syslog.h"

#define LIFE "the policy server's own life"

/* "name[192.0.2.1]", of those it knows already the address alone */
#define MG_ADDRESS                      \
    "(?:(?<queue_id>[^\\s:]+): )?addr " \
    "(?:(?<client_name>[^\\s\\[]*)\\[(?<client_ip>[^\\]]*)\\]|(?<client_ip>[^\\s\\[]+))"

static const struct log_row rows[] = {
    { "postgrey", "postgrey", "action=",
      "(?:(?<queue_id>[^\\s:]+): )?action=(?<action>[^,]*)(?:, reason=(?<reason>[^,]*))?"
      "(?:, delay=(?<delay>\\d+))?(?:, client_name=(?<client_name>[^,]*))?(?:, "
      "client_address=(?<client_ip>[^,]*))?"
      "(?:, sender=(?<mail_from>.*?))?(?:, recipient=(?<recipient>.*))?",
      EVENT_FILTER, 0, 0, NULL },
    { "postgrey.delayed", "postgrey", "^delayed ",
      "delayed (?<delay>\\d+) seconds: client=(?<client_name>[^,\\s]*), from=(?<mail_from>[^,]*), "
      "to=(?<recipient>.*)",
      EVENT_FILTER, 0, 0, "pass" },
    { "postgrey.life", "postgrey", "",
      "(?:cleaning |rm |whitelisted: |correcting |Exiting|HUP received|unrecognized request|ignoring garbage|"
      "WARNING|FATAL|Process Backgrounded|Setting [ug]id|Binding to|Couldn't|Can't|Pid_file|Server closing|"
      "Group Not Defined|User Not Defined|Resolved |Beginning |Use of |\\d+/\\d+/\\d+-|Warning|warning|fatal|"
      "postgrey |\\s+).*",
      EVENT_IGNORED, 0, 0, LIFE },

    { "sqlgrey.triplet", "sqlgrey", "grey: ",
      "grey: (?<reason>new|early reconnect|reconnect ok|throttling): [^\\s(]*\\((?<client_ip>[^)]*)\\), "
      "(?<mail_from>.*) -> (?<recipient>.*?)(?: \\((?<detail>[\\d:. a-z]+)\\))?",
      EVENT_FILTER, 0, 0, NULL },
    { "sqlgrey.known", "sqlgrey", "awl match",
      "grey: (?<reason>(?:domain|from) awl match): updating [^\\s(]*\\((?<client_ip>[^)]*)\\), "
      "(?:(?<domain>[^@\\s]*)|(?<mail_from>[^\\s(]*@[^\\s(]*)(?:\\(.*\\))?)",
      EVENT_FILTER, 0, 0, "pass" },
    { "sqlgrey.whitelist", "sqlgrey", "whitelist: ",
      "whitelist: (?<mail_from>\\S*), (?<client_ip>[^\\s(]*)\\((?<client_name>[^)]*)\\) -> (?<recipient>.*)",
      EVENT_FILTER, 0, 0, "pass" },
    { "sqlgrey.life", "sqlgrey", "",
      "(?:grey: (?!(?:new|early reconnect|reconnect ok|throttling): )(?!(?:domain|from) awl match)|"
      "whitelist: (?!\\S*, [^\\s(]*\\(.*\\) -> )|spam: |optin: |conf: |perf: |system: |dbaccess: |mail: |"
      "martians: |warning|fatal|error|Process Backgrounded|Setting [ug]id|Binding to|Server closing|Pid_file|"
      "\\d+/\\d+/\\d+-|Group Not|User Not|Resolved |Unknown logtype|Couldn't|Can't).*",
      EVENT_IGNORED, 0, 0, LIFE },

    { "milter-greylist.delayed", "milter-greylist", " delayed",
      MG_ADDRESS
      " from "
      "<?(?<mail_from>[^\\s>]*)>? (?:rcpt|to) <?(?<recipient>[^\\s>]*)>?:? delayed(?: after DATA phase)? for "
      "(?<detail>\\S+)(?<reason>.*)",
      EVENT_FILTER, 0, 0, "greylist" },
    { "milter-greylist.known", "milter-greylist", " autowhitelisted ",
      MG_ADDRESS
      " from "
      "<?(?<mail_from>[^\\s>]*)>? (?:rcpt|to) <?(?<recipient>[^\\s>]*)>?:? ?(?<reason>autowhitelisted .*)",
      EVENT_FILTER, 0, 0, "pass" },
    { "milter-greylist.skipped", "milter-greylist", "skipping greylist because ",
      "(?:(?<queue_id>[^\\s:]+): )?skipping greylist because (?<reason>.*?),? "
      "\\(from=<?(?<mail_from>[^,>]*)>?, "
      "rcpt=<?(?<recipient>[^,>]*)>?, addr=(?<client_name>[^\\[]*)\\[(?<client_ip>[^\\]]*)\\]\\).*",
      EVENT_FILTER, 0, 0, "pass" },
    { "milter-greylist.refused", "milter-greylist", " blacklisted",
      MG_ADDRESS
      " from "
      "<?(?<mail_from>[^\\s>]*)>?(?: (?:rcpt|to) <?(?<recipient>[^\\s>]*)>?)? (?<reason>blacklisted.*)",
      EVENT_FILTER, 0, 0, "reject" },
    { "milter-greylist.life", "milter-greylist", "",
      "(?!.*(?: delayed (?:after DATA phase )?for | autowhitelisted |skipping greylist "
      "because .*rcpt=| blacklisted)).*",
      EVENT_IGNORED, 0, 0, LIFE },

    /* policyd 1: "rcpt=12, greylist=new, host=192.0.2.1 (name), from=a, to=b, size=0" */
    { "policyd", "policyd", "=",
      "(?:rcpt=\\d+, "
      ")?(?<reason>(?<method>greylist|throttle|rcpt_throttle|sender_throttle|recipient_throttle|"
      "whitelist\\w*|blacklist\\w*|spamtrap|helo|type|module|dnsbl\\w*)=(?<action>[\\w-]+)), "
      "(?:.*?)host=(?<client_ip>[^\\s,]*)(?: \\((?<client_name>[^)]*)\\))?(?:, (?:helo=[^,]*, "
      ")?from=(?<mail_from>"
      "[^,]*))?(?:, to=(?<recipient>[^,]*))?(?:, .*)?",
      EVENT_FILTER, 0, 0, NULL },
    { "policyd.life", "policyd", "", "(?!(?:rcpt=\\d+, )?[\\w]+=[\\w-]+, .*host=).*", EVENT_IGNORED, 0, 0,
      LIFE },

    /* policyd 2: "module=Greylisting, action=defer, host=192.0.2.1, helo=h, from=a, to=b, reason=greylisted" */
    { "cbpolicyd", "cbpolicyd", "module=",
      "(?:.*?)module=(?<method>[^,]*), (?:mode=[^,]*, )?action=(?<action>[^,]*), host=(?<client_ip>[^,]*)"
      "(?:, helo=(?<helo>[^,]*))?(?:, from=(?<mail_from>[^,]*))?(?:, to=(?<recipient>[^,]*))?"
      "(?:(?:, .*?)?, reason=(?<reason>.*)|, .*)?",
      EVENT_FILTER, 0, 0, NULL },
    { "cbpolicyd.life", "cbpolicyd", "", "(?!.*module=[^,]*, .*action=).*", EVENT_IGNORED, 0, 0, LIFE },

    /* "[RULES] rule=2, id=R3, client=name[192.0.2.1], sender=<a>, recipient=<b>, helo=<h>, ..., action=450 later" */
    { "postfwd", "postfwd", ", action=",
      "\\[(?:RULES|CACHE|RATES)\\] rule=.*?, id=(?<reason>[^,]*),(?: queue=(?<queue_id>[^,]*),)?.*? "
      "client=(?<client_name>[^\\[,]*)\\[(?<client_ip>[^\\]]*)\\],.*? sender=<(?<mail_from>.*?)>, "
      "recipient=<(?<recipient>.*?)>, helo=<(?<helo>.*?)>,.*?, action=(?<action>.*)",
      EVENT_FILTER, 0, 0, NULL },
    { "postfwd.life", "postfwd", "", "(?!\\[(?:RULES|CACHE|RATES)\\] .*, action=).*", EVENT_IGNORED, 0, 0,
      LIFE },
};

const struct log_row *
postgrey_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

/* The servers' words for "come again later" and "let in". */
static str
action_word(str said)
{
    static const struct {
        const char *said, *word;
    } words[] = {
        { "new", "greylist" },
        { "early reconnect", "greylist" },
        { "throttling", "greylist" },
        { "reconnect ok", "pass" },
        { "abuse", "greylist" },
        { "update", "pass" },
        { "new_train", "pass" },
        { "update_train", "pass" },
        { "awl", "pass" },
        { "abl", "reject" },
        { "fail", "greylist" },
        { "spamtrap", "reject" },
        { "whitelist", "pass" },
        { "blacklist", "reject" },
        { "blacklist_helo", "reject" },
        { "blacklist_dnsname", "reject" },
        { "clear", "pass" },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(said, str_from(words[i].said)))
            return str_from(words[i].word);
    return said;
}

/* What a postfwd rule has Postfix do: an action of access(5). */
static void
take_access(struct event *e)
{
    static const struct {
        const char *said, *word;
    } words[] = { { "REJECT", "reject" }, { "5", "reject" },  { "DEFER", "defer" },
                  { "4", "defer" },       { "HOLD", "hold" }, { "DISCARD", "discard" } };
    str said = EV(e, ACTION);
    EV(e, ACTION) = S("pass");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_istarts(said, str_from(words[i].said))) {
            EV(e, ACTION) = str_from(words[i].word);
            EV(e, DETAIL) = said;
        }
}

static void
finish_filter(struct event *e, str engine)
{
    EV(e, ENGINE) = engine;
    if (strcmp(e->row, "postfwd") == 0)
        take_access(e);
    if (str_starts(str_from(e->row), S("sqlgrey.triplet")))
        EV(e, ACTION) = action_word(EV(e, REASON));
    else if (strcmp(e->row, "policyd") == 0)
        EV(e, ACTION) = str_eq(EV(e, METHOD), S("throttle")) && str_eq(EV(e, ACTION), S("new"))
                            ? S("pass")
                            : action_word(EV(e, ACTION));
    EV(e, REASON) = str_trim(EV(e, REASON));
    if (EV(e, MAIL_FROM).p)
        e->flags |= EVENT_HAS_MAIL_FROM;
    if (str_eq(EV(e, MAIL_FROM), S("<>")) || str_eq(EV(e, MAIL_FROM), S("-undef-@-undef-")))
        EV(e, MAIL_FROM) = (str){ 0 };
    if (str_eq(EV(e, CLIENT_NAME), S("unknown")))
        EV(e, CLIENT_NAME) = (str){ 0 };
}

str
postgrey_program(str program)
{
    static const struct {
        const char *tag, *engine;
    } tags[] = {
        { "postgrey", "postgrey" }, { "sqlgrey", "sqlgrey" },     { "milter-greylist", "milter-greylist" },
        { "policyd", "policyd" },   { "cbpolicyd", "cbpolicyd" }, { "cluebringer", "cbpolicyd" },
    };
    static const str postfwd = S("postfwd"); /* "postfwd1", "postfwd3/policy" */
    str tail = log_tag_tail(program);
    if (str_starts(program, postfwd))
        return postfwd;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (str_ieq(tail, str_from(tags[i].tag)))
            return str_from(tags[i].engine);
    return (str){ 0 };
}

static bool
postgrey_owns(str program)
{
    return postgrey_program(program).n > 0;
}

static void
postgrey_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = postgrey_rows,
                                        .unknown = "not a known line of a greylister" };
    str engine = postgrey_program(line->program), text = line->text;
    str nobody = S("(unknown id): "); /* milter-greylist, before the MTA has a queue id */
    if (str_starts(text, nobody))
        text = str_skip(text, nobody.n);
    if (!log_family_match(&family, engine, text, e)) {
        log_ignore_own_life(e, str_has(line->text, S("@")) || str_has(line->text, S("action=")));
        return;
    }
    log_keep_queue_id(e);
    if (e->kind == EVENT_FILTER)
        finish_filter(e, engine);
}

static int
postgrey_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, postgrey_owns);
}

const struct format format_postgrey = {
    .name = "postgrey",
    .kind = "log",
    .description = "greylisters and policy servers: postgrey, sqlgrey, milter-greylist, policyd, postfwd",
    .recognise = postgrey_recognise,
    .owns = postgrey_owns,
    .parse = postgrey_parse,
};
