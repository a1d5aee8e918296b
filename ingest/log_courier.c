/* The Courier mail server: courierd's queue, its modules, and what courieresmtpd refused.
 *
 * A module tells the words of a reply on lines of their own, before the line with the result: they are remembered by
 * queue id and address.  Courier logs no Message-ID: a message joins others by what next hosts say, and by headers. */
#include "log_courier.h"

#include "hash.h"
#include "log_family.h"
#include "syslog.h"

#define ID  "id=(?<queue_id>[0-9A-Fa-f.]+)"
#define FOR ID ",from=<(?<mail_from>[^>]*)>,addr=<(?<recipient>[^>]*)>"
#define WHO FOR "(?:,size=(?<size>\\d+))?"
#define ANY "id=[0-9A-Fa-f.]+,from=<[^>]*>,addr=<[^>]*>(?:,size=\\d+)?"

static const struct log_row rows[] = {
    { "newmsg", "courierd", "^newmsg,id=",
      "newmsg," ID
      "(?:, ?auth=(?<auth_user>[^:]*))?(?:: (?:dns; (?<helo>\\S+) \\((?<client_name>[^\\[\\s)]*) ?"
      "\\[(?<client_ip>[^\\]]+)\\]\\).*|(?<detail>.*)))?",
      EVENT_ARRIVAL, EVENT_BIRTH, 0, NULL },
    { "started", "courierd", "^started,id=",
      "started," ID ",from=<(?<mail_from>[^>]*)>,module=(?<via>[^,]*),host=(?<detail>.*),addr=<[^>]*>.*",
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
      "error,relay=(?<client_ip>[^,]+)(?:,port=(?<client_port>\\d+))?(?:,ident=[^,]*)?,from=<(?<mail_from>[^>"
      "]*)>"
      "(?:,to=<(?<recipient>[^>]*)>)?: (?<reply>(?<code>[45]\\d\\d) ?.*)",
      EVENT_REFUSAL, EVENT_HAS_MAIL_FROM, STAGE_ENVELOPE, "reject" },
    { "login.failed", "esmtpd", "msg=\"535",
      "error,relay=(?<client_ip>[^,]+)(?:,port=(?<client_port>\\d+))?,msg=\"(?<detail>535[^\"]*)\".*",
      EVENT_SESSION, 0, 0, "auth-failure" },
    { "connect", "esmtpd",
      "^started,ip=", "started,ip=\\[(?<client_ip>[^\\]]+)\\](?:,port=\\[(?<client_port>\\d+)\\])?.*",
      EVENT_SESSION, 0, 0, "connect" },
    { "esmtpd.life", "esmtpd", "",
      "(?!error,relay=[^,]+(?:,port=\\d+)?(?:,ident=[^,]*)?,from=<[^>]*>(?:,to=<[^>]*>)?: "
      "[45]\\d\\d|error,relay=[^,]+(?:,port="
      "\\d+)?,msg=\"535|started,ip=\\[).*",
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

/* Words --------------------------------------------------------------------------------------------- */

enum { WORDS = 256, WORDS_MAX = 512 };

/* The latest words by queue id and address; few deliveries of one host are under way at once. */
static _Thread_local struct words {
    uint64_t key;
    size_t n;
    char text[WORDS_MAX];
} words[WORDS];

static struct words *
words_of(const struct line *line, const struct event *e, uint64_t *key)
{
    *key = hash_more(hash_more(hash_bytes(line->host), EV(e, QUEUE_ID)), EV(e, RECIPIENT)) | 1;
    return &words[(*key >> 8) % WORDS];
}

/* A reply of several lines is told line by line: the last one with a code counts, or else the last one. */
static void
remember(const struct line *line, const struct event *e)
{
    uint64_t key;
    struct words *w = words_of(line, e, &key);
    str said = str_head(EV(e, REPLY), WORDS_MAX);
    bool coded = said.n >= 3 && str_digits(str_head(said, 3));
    if (w->key == key && w->n >= 3 && str_digits(str_of(w->text, 3)) && !coded)
        return;
    w->key = key;
    w->n = said.n;
    if (said.n)
        memcpy(w->text, said.p, said.n);
}

static void
recall(const struct line *line, struct event *e)
{
    uint64_t key;
    struct words *w = words_of(line, e, &key);
    if (w->key != key)
        return;
    w->key = 0;
    if (EV(e, REPLY).n == 0)
        EV(e, REPLY) = str_of(w->text, w->n);
}

/* ------------------------------------------------------------------------------------------------------ */

static str
plain_ip(str ip)
{
    return str_istarts(ip, S("::ffff:")) ? str_skip(ip, 7) : ip;
}

static void
take_attempt(const struct line *line, struct event *e)
{
    recall(line, e);
    EV(e, RELAY_IP) = plain_ip(EV(e, RELAY_IP));
    e->result = strcmp(e->row, "success") == 0         ? RESULT_SENT
                : str_eq(EV(e, STATUS), S("deferred")) ? RESULT_DEFERRED
                                                       : RESULT_BOUNCED;
    if (e->result == RESULT_SENT && !str_ieq(line->program, S("courieresmtp")))
        e->flags |= EVENT_LOCAL;
    event_parse_reply(e);
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
    else if (strcmp(e->row, "words") == 0)
        remember(line, e);
    else if (e->kind == EVENT_REFUSAL)
        event_parse_reply(e);
    else if (e->kind == EVENT_ARRIVAL && str_ieq(EV(e, CLIENT_NAME), S("unknown")))
        EV(e, CLIENT_NAME) = (str){ 0 };
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
