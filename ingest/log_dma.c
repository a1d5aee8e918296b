/* The DragonFly Mail Agent (dma), the MTA of FreeBSD and DragonFly, and of small Debian hosts.
 *
 * The queue id stands where others have the process: "dma[cde8f6.56503cfcabe0]: ...".  A message is a queue entry per
 * recipient; the part before the dot is its spool file, which the first lines bear alone and which is used again.  So
 * sender, recipient and the host tried are remembered, and of a bounce what it is about. */
#include "log_dma.h"

#include "hash.h"
#include "log_family.h"
#include "syslog.h"

#define RELAY "(?<relay_name>\\S+) \\[(?<relay_ip>[^\\]]*)\\]"

static const struct log_row rows[] = {
    { "new", "*", "^new mail from ",
      "new mail from user=(?<user>.*) uid=\\d+ envelope_from=<(?<mail_from>.*)>", EVENT_IGNORED, 0, 0,
      "told with each recipient" },
    { "queued", "*", "^mail to=<", "mail to=<(?<recipient>.*)> queued as (?<queue_id>\\S+)", EVENT_ARRIVAL,
      EVENT_BIRTH, 0, NULL },
    { "try", "*", "> trying delivery", "<(?<recipient>.*)> trying delivery", EVENT_IGNORED, 0, 0,
      "a try begins" },
    { "try.host", "*", "^trying remote delivery to ", "trying remote delivery to " RELAY ".*", EVENT_IGNORED,
      0, 0, "a host is tried" },
    { "sent", "*", "> delivery successful", "<(?<recipient>.*)> delivery successful", EVENT_ATTEMPT, 0, 0,
      NULL },
    { "refused", "*", "^remote delivery ",
      "remote delivery (?:to|(?<status>deferred):) " RELAY " failed after (?<phase>.*?): (?<reply>.*)",
      EVENT_ATTEMPT, 0, 0, NULL },
    { "failed", "*", " delivery ",
      "(?:remote|local) delivery (?<status>deferred|failed): (?!\\S+ \\[[^\\]]*\\] failed after "
      ")(?<reply>.*)",
      EVENT_ATTEMPT, 0, 0, NULL },
    { "connect", "*", "^connect to ", "connect to " RELAY " (?<reply>failed: .*)", EVENT_ATTEMPT, 0, 0,
      NULL },
    { "greeting", "*", "^Could not perform server greeting at ",
      "Could not perform server greeting at " RELAY ": (?<reply>.*)", EVENT_ATTEMPT, 0, 0, NULL },
    { "bounced", "*", "^delivery failed, bouncing as ", "delivery failed, bouncing as (?<detail>\\S+)",
      EVENT_NOTIFICATION, 0, 0, "bounce" },
    { "double", "*", "^can not bounce a bounce message, discarding", NULL, EVENT_REMOVAL, EVENT_FINAL_REMOVAL,
      0, NULL },
    { "recipient", "*", "^invalid recipient `", "(?<reply>invalid recipient `(?<recipient>.*)')",
      EVENT_REFUSAL, 0, STAGE_SUBMISSION, "reject" },
    { "life", "*", "",
      "(?!new mail from |mail to=<|<.*> trying delivery|trying remote delivery to |<.*> delivery successful|"
      "(?:remote|local) delivery (?:to |deferred: |failed: )|connect to \\S+ \\[[^\\]]*\\] failed|Could not "
      "perform "
      "server greeting at |delivery failed, bouncing as |can not bounce a bounce message|invalid recipient "
      "`).*",
      EVENT_IGNORED, 0, 0, "the agent's own life" },
};

const struct log_row *
dma_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

/* Memory ------------------------------------------------------------------------------------------------ */

enum { MAILS = 1024, NAME_MAX_HERE = 256, ID_MAX = 64 };

struct name {
    size_t n;
    char p[NAME_MAX_HERE];
};

/* What is known of a queue id, and of a spool file while its recipients are told. */
static _Thread_local struct mail {
    uint64_t key;
    bool has_sender, deferred;
    struct name sender, recipient, relay, ip, about;
} mails[MAILS];

static void
keep(struct name *to, str s)
{
    to->n = s.n < sizeof to->p ? s.n : sizeof to->p;
    if (to->n)
        memcpy(to->p, s.p, to->n);
}

static str
kept(const struct name *s)
{
    return str_of(s->p, s->n);
}

static struct mail *
mail_of(const struct line *line, str id, bool fresh)
{
    uint64_t key = hash_more(hash_bytes(line->host), id) | 1;
    struct mail *m = &mails[(key >> 8) % MAILS];
    if (m->key != key || fresh)
        *m = (struct mail){ .key = key };
    return m;
}

/* Lines ------------------------------------------------------------------------------------------------- */

static bool
dma_owns(str program)
{
    return str_ieq(str_cut(program, '[').head, S("dma"));
}

/* "dma[ID]" of the tag, or as a journal has it. */
static str
id_of(const struct line *line)
{
    str from = str_has(line->program, S("[")) ? line->program : line->whole;
    size_t at = str_find(from, S("dma["));
    str id = at == STR_NONE ? (str){ 0 } : str_cut(str_skip(from, at + 4), ']').head;
    for (size_t i = 0; i < id.n; i++)
        if (!str_is_digit(id.p[i]) && !str_is_alpha(id.p[i]) && id.p[i] != '.')
            return (str){ 0 };
    return id.n <= ID_MAX ? id : (str){ 0 };
}

static void
take_queued(const struct line *line, struct event *e, str spool)
{
    struct mail *file = mail_of(line, spool, false);
    struct mail *m = mail_of(line, EV(e, QUEUE_ID), true);
    keep(&m->recipient, EV(e, RECIPIENT));
    EV(e, RECIPIENT) = (str){ 0 };
    if (m == file || !file->has_sender)
        return;
    EV(e, MAIL_FROM) = kept(&file->sender);
    e->flags |= EVENT_HAS_MAIL_FROM;
    if (file->sender.n == 0 && file->about.n) {
        EV(e, ACTION) = S("bounce");
        EV(e, DETAIL) = kept(&file->about);
    }
}

static void
take_attempt(const struct line *line, struct event *e, str id)
{
    struct mail *m = mail_of(line, id, false);
    bool sent = strcmp(e->row, "sent") == 0;
    bool final = strcmp(e->row, "refused") == 0    ? EV(e, STATUS).n == 0
                 : strcmp(e->row, "greeting") == 0 ? true
                                                   : str_eq(EV(e, STATUS), S("failed"));
    if (EV(e, RECIPIENT).n == 0)
        EV(e, RECIPIENT) = kept(&m->recipient);
    if (sent || EV(e, RELAY_NAME).n == 0) {
        EV(e, RELAY_NAME) = kept(&m->relay);
        EV(e, RELAY_IP) = kept(&m->ip);
    }
    e->result = sent ? RESULT_SENT : final ? RESULT_BOUNCED : RESULT_DEFERRED;
    m->deferred = e->result == RESULT_DEFERRED;
    if (sent && m->relay.n == 0)
        e->flags |= EVENT_LOCAL;
    if (sent)
        log_removal_follows(id);
    event_parse_reply(e);
}

static void
dma_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = dma_rows, .unknown = "not a known line of dma" };
    log_removal_forget();
    e->program = S("dma");
    e->pid = 0;
    if (!log_family_match(&family, S("dma"), line->text, e))
        return;
    str id = id_of(line);
    if (strcmp(e->row, "queued") == 0) {
        take_queued(line, e, id);
        return;
    }
    EV(e, QUEUE_ID) = id;
    if (strcmp(e->row, "new") == 0) {
        struct mail *m = mail_of(line, id, false);
        if (EV(e, MAIL_FROM).n)
            m->about.n = 0;
        keep(&m->sender, EV(e, MAIL_FROM));
        m->has_sender = true;
    } else if (strcmp(e->row, "try") == 0) {
        struct mail *m = mail_of(line, id, false);
        keep(&m->recipient, EV(e, RECIPIENT));
        m->relay.n = m->ip.n = 0;
    } else if (strcmp(e->row, "try.host") == 0) {
        struct mail *m = mail_of(line, id, false);
        keep(&m->relay, EV(e, RELAY_NAME));
        keep(&m->ip, EV(e, RELAY_IP));
    } else if (e->kind == EVENT_ATTEMPT) {
        take_attempt(line, e, id);
    } else if (e->kind == EVENT_NOTIFICATION) {
        if (mail_of(line, id, false)->deferred)
            e->flags |= EVENT_EXPIRED;
        struct mail *bounce = mail_of(line, EV(e, DETAIL), true);
        keep(&bounce->about, id);
        log_removal_follows(id);
    } else if (e->kind == EVENT_REFUSAL) {
        EV(e, QUEUE_ID) = (str){ 0 };
        struct mail *m = mail_of(line, id, false);
        if (m->has_sender) {
            EV(e, MAIL_FROM) = kept(&m->sender);
            e->flags |= EVENT_HAS_MAIL_FROM;
        }
    }
}

static bool
dma_more(struct event *e)
{
    if (!log_removal_more(e))
        return false;
    e->program = S("dma");
    e->pid = 0;
    return true;
}

static int
dma_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, dma_owns);
}

const struct format format_dma = {
    .name = "dma",
    .kind = "log",
    .description = "the DragonFly Mail Agent",
    .recognise = dma_recognise,
    .owns = dma_owns,
    .parse = dma_parse,
    .more = dma_more,
};
