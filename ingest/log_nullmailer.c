/* nullmailer: nullmailer-send, which tries the messages of its queue one after the other.
 *
 * Only the line that begins a try names the queue's file; what follows, up to its result, speaks of that one.  All
 * recipients share the result.  A last failure is told by the file's move into "failed". */
#include "log_nullmailer.h"

#include "hash.h"
#include "log_family.h"
#include "syslog.h"

#define PERMANENT                                                                                        \
    "(?:Permanent error in sending the message|Server refused the message|Fatal error in gethostbyname|" \
    "Unspecified permanent error)"

static const struct log_row rows[] = {
    { "try", "*", "^Starting delivery: ",
      "Starting delivery:(?=.* host: (?<relay_name>\\S+))?(?=.* file: (?<queue_id>\\S+)) .*", EVENT_ARRIVAL,
      EVENT_ACTIVE, 0, NULL },
    { "envelope", "*", "^From: <", "From: <(?<mail_from>[^>]*)>(?<detail>(?:(?: to:|,) <[^>]*>)*)",
      EVENT_ARRIVAL, EVENT_HAS_MAIL_FROM, 0, NULL },
    { "message-id", "*", "^Message-", "(?i)Message-ID: *<?(?<message_id>[^>\\s]*)>?.*", EVENT_ARRIVAL, 0, 0,
      NULL },
    { "reply", "*", "",
      "(?:(?:smtp|qmqp): (?:Failed|Succeeded): ?(?<reply>.*)|(?<reply>Sending timed out.*))", EVENT_IGNORED,
      0, 0, "words of a result, told with it" },
    { "sent", "*", "^Sent file.", "Sent file\\..*", EVENT_ATTEMPT, EVENT_NO_TLS, 0, NULL },
    { "bounced", "*", "^Sending failed: ", "Sending failed: +(?<detail>" PERMANENT ".*)", EVENT_ATTEMPT, 0, 0,
      NULL },
    { "deferred", "*", "^Sending failed: ", "Sending failed: +(?<detail>(?!" PERMANENT ").*)", EVENT_ATTEMPT,
      0, 0, NULL },
    { "crashed", "*", "^Sending process ", "(?<detail>Sending process crashed.*)", EVENT_ATTEMPT, 0, 0,
      NULL },
    { "given.up", "*", "^Moving message ", "Moving message (?<queue_id>\\S+) into failed", EVENT_NOTIFICATION,
      0, 0, "bounce" },
    { "life", "*", "",
      "(?!Starting delivery: .* file: |From: <|(?i:Message-ID): |(?:smtp|qmqp): (?:Failed|Succeeded):|Sent "
      "file\\.|Sending "
      "failed: |Sending timed out|Sending process crashed|Moving message ).*",
      EVENT_IGNORED, 0, 0, "the program's own life" },
};

const struct log_row *
nullmailer_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

enum { HOSTS = 64, TEXT_MAX_HERE = 4096 };

struct text {
    size_t n;
    char p[TEXT_MAX_HERE];
};

/* The try that is under way on a host: one at a time. */
static _Thread_local struct
try {
    uint64_t host;
    struct text id, relay, recipients, reply;
    struct text deferred; /* the last that has to wait */
}
tries[HOSTS];

static void
keep(struct text *to, str s)
{
    to->n = s.n < sizeof to->p ? s.n : sizeof to->p;
    if (to->n)
        memcpy(to->p, s.p, to->n);
}

static str
kept(const struct text *t)
{
    return str_of(t->p, t->n);
}

static struct try *
try_of(str host)
{
    uint64_t h = hash_bytes(host) | 1;
    struct try *t = &tries[(h >> 8) % HOSTS];
    if (t->host != h) {
        t->host = h;
        t->id.n = t->relay.n = t->recipients.n = t->reply.n = t->deferred.n = 0;
    }
    return t;
}

/* " to: <a>, <b>" -> "a,b" */
static void
keep_recipients(struct try *t, str list)
{
    t->recipients.n = 0;
    for (str rest = list; rest.n;) {
        str a = str_cut(str_cut(rest, '<').tail, '>').head;
        size_t gap = t->recipients.n > 0;
        if (a.n && t->recipients.n + gap + a.n <= TEXT_MAX_HERE) {
            t->recipients.p[t->recipients.n] = ',';
            memcpy(t->recipients.p + t->recipients.n + gap, a.p, a.n);
            t->recipients.n += gap + a.n;
        }
        rest = str_cut(rest, '>').tail;
    }
}

static void
finish_with(str id)
{
    if (id.n)
        log_removal_follows(id);
}

static void
take_attempt(struct try *t, struct event *e)
{
    bool sent = strcmp(e->row, "sent") == 0;
    str why = EV(e, DETAIL), list = kept(&t->recipients);
    EV(e, DETAIL) = (str){ 0 };
    EV(e, QUEUE_ID) = kept(&t->id);
    EV(e, RELAY_NAME) = kept(&t->relay);
    struct str_cut first = str_cut(list, ',');
    EV(e, RECIPIENT) = first.head;
    e->recipients = first.tail;
    EV(e, REPLY) = t->reply.n ? kept(&t->reply) : why;
    e->result = sent ? RESULT_SENT : strcmp(e->row, "bounced") == 0 ? RESULT_BOUNCED : RESULT_DEFERRED;
    t->deferred.n = 0;
    if (e->result == RESULT_DEFERRED)
        keep(&t->deferred, kept(&t->id));
    if (sent)
        finish_with(kept(&t->id));
    event_parse_reply(e);
}

static bool
nullmailer_owns(str program)
{
    static const char *const names[] = { "nullmailer", "nullmailer-send", NULL };
    return log_is_named(program, names);
}

static void
nullmailer_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = nullmailer_rows, .unknown = "not a known nullmailer line" };
    log_removal_forget();
    if (!log_family_match(&family, S("nullmailer"), line->text, e))
        return;
    struct try *t = try_of(line->host);
    if (strcmp(e->row, "try") == 0) {
        keep(&t->id, EV(e, QUEUE_ID));
        keep(&t->relay, EV(e, RELAY_NAME));
        t->recipients.n = t->reply.n = 0;
        EV(e, RELAY_NAME) = (str){ 0 };
    } else if (strcmp(e->row, "reply") == 0) {
        keep(&t->reply, EV(e, REPLY));
    } else if (e->kind == EVENT_ARRIVAL) {
        if (strcmp(e->row, "envelope") == 0)
            keep_recipients(t, EV(e, DETAIL));
        EV(e, DETAIL) = (str){ 0 };
        EV(e, QUEUE_ID) = kept(&t->id);
    } else if (e->kind == EVENT_ATTEMPT) {
        take_attempt(t, e);
    } else if (e->kind == EVENT_NOTIFICATION) {
        if (str_eq(kept(&t->deferred), EV(e, QUEUE_ID)))
            e->flags |= EVENT_EXPIRED;
        finish_with(EV(e, QUEUE_ID));
    }
    if ((e->kind == EVENT_ATTEMPT || e->kind == EVENT_ARRIVAL) && EV(e, QUEUE_ID).n == 0) {
        e->kind = EVENT_IGNORED;
        e->result = RESULT_NONE;
        e->flags = 0;
        e->why = "of a try that began in another log";
    }
}

static int
nullmailer_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, nullmailer_owns);
}

const struct format format_nullmailer = {
    .name = "nullmailer",
    .kind = "log",
    .description = "nullmailer: nullmailer-send",
    .recognise = nullmailer_recognise,
    .owns = nullmailer_owns,
    .parse = nullmailer_parse,
    .more = log_removal_more,
};
