/* The Courier mail server: courierd's queue, its modules, and what courieresmtpd refused.
 *
 * What lines build on is in log_courier_memory.c.  Courier logs no Message-ID: a message joins others by what next hosts
 * say, and by headers. */
#include "log_courier.h"

#include "log_courier_memory.h"
#include "log_family.h"
#include "syslog.h"

#define ID        "id=(?<queue_id>[0-9A-Fa-f.]+)"
#define FOR       ID ",from=<(?<mail_from>[^>]*)>,addr=<(?<recipient>[^>]*)>"
#define WHO       FOR "(?:,size=(?<size>\\d+))?"
#define CLIENT    "error,relay=(?<client_ip>[^,]+)(?:,port=(?<client_port>\\d+))?(?:,ident=[^,]*)?"
#define REFUSABLE "(?i:MAIL FROM|RCPT TO|DATA|BDAT)\\b"
#define ANY       "id=[0-9A-Fa-f.]+,from=<[^>]*>,addr=<[^>]*>(?:,size=\\d+)?"

static const struct log_row rows[] = {
    { "newmsg", "courierd", "^newmsg,id=",
      "newmsg," ID
      "(?:, ?auth=(?<auth_user>[^:]*))?(?:: (?:dns; (?<helo>\\S+) \\((?<client_name>[^\\[\\s)]*) ?"
      "\\[(?<client_ip>[^\\]]+)\\]\\).*|(?<detail>.*)))?",
      EVENT_ARRIVAL, EVENT_BIRTH | EVENT_NO_TLS, 0, NULL },
    /* its own notifications go through the module dsn: of a delay, or of the end */
    { "dsn.delay", "courierd", ",module=dsn,host=deferred,",
      "started," ID ",from=<[^>]*>,module=dsn,host=deferred,addr=<(?<recipient>.*)>", EVENT_NOTIFICATION, 0,
      0, "delay" },
    { "dsn", "courierd", ",module=dsn,host=,",
      "started," ID ",from=<[^>]*>,module=dsn,host=,addr=<(?<recipient>.*)>", EVENT_NOTIFICATION, 0, 0,
      "bounce" },
    { "started", "courierd", "^started,id=",
      "started," ID
      ",from=<(?<mail_from>[^>]*)>,module=(?!dsn,)(?<via>[^,]*),host=(?<detail>.*),addr=<(?<recipient>.*)>.*",
      EVENT_ARRIVAL, EVENT_HAS_MAIL_FROM | EVENT_ACTIVE, 0, NULL },
    { "completed", "courierd", "^completed,id=", "completed," ID ".*", EVENT_REMOVAL, EVENT_FINAL_REMOVAL, 0,
      NULL },
    { "cancelled", "courierd", "^cancelled,id=", "cancelled," ID ".*", EVENT_REMOVAL, EVENT_DELETED, 0,
      NULL },
    { "life", "courierd", "", "(?!newmsg,id=|started,id=|completed,id=|cancelled,id=).*", EVENT_IGNORED, 0, 0,
      "the server's own life" },
    { "success", "module", ",success: ",
      WHO ",success: (?:delivered: (?<relay_name>[^\\s\\[]*) ?\\[(?<relay_ip>[^\\]]+)\\].*|(?<reply>.*))",
      EVENT_ATTEMPT, EVENT_HAS_MAIL_FROM, 0, NULL },
    { "failed", "module", ",", WHO ",(?<status>deferred|failure|failed): (?<reply>.*)", EVENT_ATTEMPT,
      EVENT_HAS_MAIL_FROM, 0, NULL },
    { "status", "module", ",status: ", FOR "(?:,size=\\d+)?,status: (?<status>deferred|failure|failed)",
      EVENT_ATTEMPT, EVENT_HAS_MAIL_FROM, 0, NULL },
    { "status.success", "module", ",status: success", ANY ",status: success", EVENT_IGNORED, 0, 0,
      "a result that the line before told" },
    { "words", "module", ">", FOR "(?:,size=\\d+)?: (?<reply>.*)", EVENT_IGNORED, 0, 0,
      "words of a result, told with it" },
    { "module.life", "module", "", "(?!id=[0-9A-Fa-f.]+,from=<).*", EVENT_IGNORED, 0, 0,
      "a module's own life" },
    { "refused", "esmtpd", "^error,relay=",
      CLIENT
      ",from=<(?<mail_from>[^>]*)>(?:,to=<(?<recipient>[^>]*)>)?: (?<reply>(?<code>[45]\\d\\d)(?: .*)?)",
      EVENT_REFUSAL, EVENT_HAS_MAIL_FROM, STAGE_ENVELOPE, "reject" },
    { "refused.more", "esmtpd", "^error,relay=",
      CLIENT ",from=<(?<mail_from>[^>]*)>(?:,to=<(?<recipient>[^>]*)>)?: (?<reply>[45]\\d\\d-.*)",
      EVENT_IGNORED, 0, 0, "the beginning of a reply, told with its end" },
    { "refused.command", "esmtpd", "\",cmd: ",
      CLIENT ",msg=\"(?<reply>(?<code>[45]\\d\\d) [^\"]*)\",cmd: (?i)(?<phase>MAIL FROM|RCPT TO|DATA|BDAT)\\b"
             "(?-i)(?:: ?<(?<recipient>[^>]*)>.*|(?!: ?<).*)",
      EVENT_REFUSAL, 0, STAGE_ENVELOPE, "reject" },
    { "login.failed", "esmtpd", "msg=\"535", CLIENT ",msg=\"(?<detail>535[^\"]*)\",cmd: (?!" REFUSABLE ").*",
      EVENT_SESSION, 0, 0, "auth-failure" },
    { "connect", "esmtpd",
      "^started,ip=", "started,ip=\\[(?<client_ip>[^\\]]+)\\](?:,port=\\[(?<client_port>\\d+)\\])?.*",
      EVENT_SESSION, 0, 0, "connect" },
    { "esmtpd.life", "esmtpd", "",
      "(?!error,relay=[^,]+(?:,port=\\d+)?(?:,ident=[^,]*)?(?:,from=<[^>]*>(?:,to=<[^>]*>)?: [45]\\d\\d"
      "|,msg=\"535|,msg=\"[45]\\d\\d [^\"]*\",cmd: " REFUSABLE ")|started,ip=\\[).*",
      EVENT_IGNORED, 0, 0, "a session's own life" },
    { "server", "server", "", ".*", EVENT_IGNORED, 0, 0, "the server's own life" },
};

const struct log_row *
courier_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

static const char *const modules[] = { "courieresmtp", "courierlocal", "courieruucp",
                                       "courierfax",   "courierdsn",   NULL };
static const char *const doors[] = {
    "courieresmtpd", "esmtpd", "esmtpd-ssl", "esmtpd-msa", "courieresmtpd-ssl", "courieresmtpd-msa", NULL
};

str
courier_program(str tag)
{
    return log_is_named(tag, modules)    ? S("module")
           : log_is_named(tag, doors)    ? S("esmtpd")
           : str_ieq(tag, S("courierd")) ? S("courierd")
                                         : S("server");
}

static bool
courier_owns(str program)
{
    static const char *const others[] = { "courierd", "courierfilter", "couriertls", "courierctl", NULL };
    return log_is_named(program, modules) || log_is_named(program, doors) || log_is_named(program, others);
}

static str
plain_ip(str ip)
{
    return str_istarts(ip, S("::ffff:")) ? str_skip(ip, 7) : ip;
}

static void
take_attempt(const struct line *line, struct event *e)
{
    courier_recall_words(line->host, e);
    EV(e, RELAY_IP) = plain_ip(EV(e, RELAY_IP));
    e->result = strcmp(e->row, "success") == 0         ? RESULT_SENT
                : str_eq(EV(e, STATUS), S("deferred")) ? RESULT_DEFERRED
                                                       : RESULT_BOUNCED;
    if (str_istarts(EV(e, REPLY), S("delivered: backscatter bounce dropped")))
        e->result = RESULT_DISCARDED;
    if (e->result == RESULT_DEFERRED)
        courier_note_deferral(line->host, EV(e, QUEUE_ID));
    if (e->result == RESULT_SENT && !str_ieq(line->program, S("courieresmtp")))
        e->flags |= EVENT_LOCAL;
    event_parse_reply(e);
}

/* Refused with a word for the command, or with the addresses that were known then. */
static void
take_refusal(const struct line *line, struct event *e)
{
    str phase = EV(e, PHASE);
    if (str_ieq(phase, S("MAIL FROM"))) {
        EV(e, MAIL_FROM) = EV(e, RECIPIENT);
        EV(e, RECIPIENT) = (str){ 0 };
        e->flags |= EVENT_HAS_MAIL_FROM;
    }
    if (phase.n == 0)
        courier_recall_words(line->host, e);
    bool content =
        str_ieq(phase, S("DATA")) || str_ieq(phase, S("BDAT")) ||
        (phase.n == 0 && EV(e, RECIPIENT).n == 0 && str_ifind(EV(e, REPLY), S("message")) != STR_NONE);
    if (content)
        e->stage = STAGE_DATA;
    event_parse_reply(e);
}

/* What courierd says of its queue: whether a message leaves it, and what became of its notifications. */
static void
take_queue(const struct line *line, struct event *e)
{
    static const char again[] = "a try is over; the message stays in the queue";
    if (e->kind == EVENT_REMOVAL && strcmp(e->row, "completed") == 0) {
        if (!courier_try_is_over(line->host, EV(e, QUEUE_ID)))
            return;
        e->kind = EVENT_IGNORED;
        e->why = again;
    } else if (e->kind == EVENT_NOTIFICATION && strcmp(e->row, "dsn") == 0) {
        if (courier_note_dsn(line->host, e))
            e->flags |= EVENT_EXPIRED;
    } else if (strcmp(e->row, "newmsg") == 0) {
        courier_note_new(line->host, e);
        if (str_ieq(EV(e, CLIENT_NAME), S("unknown")))
            EV(e, CLIENT_NAME) = (str){ 0 };
    } else if (strcmp(e->row, "started") == 0) {
        EV(e, DETAIL) = courier_note_start(line->host, e);
        if (EV(e, DETAIL).n)
            EV(e, ACTION) = S("bounce");
        EV(e, RECIPIENT) = (str){ 0 };
    }
}

static void
courier_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = courier_rows, .unknown = "not a known Courier line" };
    if (!log_family_match(&family, courier_program(line->program), line->text, e))
        return;
    EV(e, CLIENT_IP) = plain_ip(EV(e, CLIENT_IP));
    if (e->kind == EVENT_ATTEMPT)
        take_attempt(line, e);
    else if (strcmp(e->row, "words") == 0 || strcmp(e->row, "refused.more") == 0)
        courier_remember_words(line->host, e);
    else if (e->kind == EVENT_REFUSAL)
        take_refusal(line, e);
    else if (str_ieq(line->program, S("courierd")))
        take_queue(line, e);
}

static int
courier_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, courier_owns);
}

const struct format format_courier = {
    .name = "courier",
    .kind = "log",
    .description = "Courier: courierd, its modules, courieresmtpd",
    .recognise = courier_recognise,
    .owns = courier_owns,
    .parse = courier_parse,
};
