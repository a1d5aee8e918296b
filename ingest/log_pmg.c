/* Proxmox Mail Gateway's pmg-smtp-filter: what its rules did with each recipient's copy.
 *
 * Every line begins with the filter's id of the message, which stands in its reply to Postfix, too.  Only the first names
 * the Message-ID; the others are given it from there.  Postfix says "sent" of all that the filter took, also of what
 * went into quarantine. */
#include "log_pmg.h"

#include <stdlib.h>

#include "hash.h"
#include "log_family.h"
#include "syslog.h"

enum { MESSAGES = 256, ID_MAX = 512 };

/* The messages in work; an older one gives way. */
static struct {
    struct {
        uint64_t hash; /* of host and filter's id */
        size_t n;
        char message_id[ID_MAX];
    } messages[MESSAGES];
} * memory;

#define ID   "(?<session>[0-9A-F]{10,32}): "
#define RULE " \\(rule: (?<reason>.*)\\)"

static const struct log_row rows[] = {
    { "new", "*", "@: new mail message-id=", ID "new mail message-id=(?<message_id>.*?)(?:#012|\\\\n)?",
      EVENT_IGNORED, 0, 0, "a message whose fate is told below" },
    { "score", "*",
      "@: SA score=", ID "SA score=(?<score>-?[\\d.]+)/(?<required>-?[\\d.]+) (?:.* )?hits=(?<tests>.*)",
      EVENT_FILTER, 0, 0, "scored" },
    { "virus", "*", "@: virus detected: ", ID "virus detected: (?<tests>.*?)(?: \\((?<detail>[^()]*)\\))?",
      EVENT_FILTER, 0, 0, "found" },
    { "accept", "*", "@: accept mail to <",
      ID "accept mail to <(?<recipient>.*)> \\((?<next_queue_id>\\w+)\\)" RULE, EVENT_FILTER, 0, 0,
      "accept" },
    { "quarantine", "*", "@: moved mail for <",
      ID "moved mail for <(?<recipient>.*)> to (?<result>\\w+) quarantine - (?<mailbox>\\w+)" RULE,
      EVENT_FILTER, 0, 0, "quarantine" },
    { "block", "*", "@: block mail to <", ID "block mail to <(?<recipient>.*)>" RULE, EVENT_FILTER, 0, 0,
      "blocked" },
    { "life", "*", "",
      "(?![0-9A-F]{10,32}: (?:new mail message-id=|SA score=-?[\\d.]+/|virus detected: |accept mail to <.*> "
      "\\(\\w+\\) "
      "\\(rule: |moved mail for <.*> to \\w+ quarantine - |block mail to <)).*",
      EVENT_IGNORED, 0, 0, "a step of the work on a message, or the filter's own life" },
};

const struct log_row *
pmg_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

static void
pmg_begin(void)
{
    free(memory);
    memory = NULL;
}

static void *
pmg_suspend(void)
{
    void *before = memory;
    memory = NULL;
    return before;
}

static void
pmg_resume(void *before)
{
    free(memory);
    memory = before;
}

static void
remember(str host, str session, str message_id)
{
    if (memory == NULL)
        memory = xcalloc(1, sizeof *memory);
    uint64_t hash = hash_more(hash_bytes(host), session);
    size_t slot = hash % MESSAGES;
    memory->messages[slot].hash = hash;
    memory->messages[slot].n = message_id.n <= ID_MAX ? message_id.n : 0;
    if (memory->messages[slot].n)
        memcpy(memory->messages[slot].message_id, message_id.p, message_id.n);
}

/* Empty where its line was not seen; valid until the next line. */
static str
recall(str host, str session)
{
    if (memory == NULL)
        return (str){ 0 };
    uint64_t hash = hash_more(hash_bytes(host), session);
    size_t slot = hash % MESSAGES;
    if (memory->messages[slot].hash != hash)
        return (str){ 0 };
    return str_of(memory->messages[slot].message_id, memory->messages[slot].n);
}

/* "A(1.0),B(-0.1)" with a score at or above what is required is spam. */
static void
finish_filter(const struct line *line, struct event *e)
{
    double score, required;
    EV(e, ENGINE) = S("pmg");
    EV(e, MESSAGE_ID) = recall(line->host, EV(e, SESSION));
    if (strcmp(e->row, "virus") == 0)
        EV(e, RESULT) = S("virus");
    else if (EV(e, SCORE).n && str_to_double(EV(e, SCORE), &score) &&
             str_to_double(EV(e, REQUIRED), &required))
        EV(e, RESULT) = score >= required ? S("spam") : S("ham");
}

static bool
pmg_owns(str program)
{
    return str_ieq(program, S("pmg-smtp-filter"));
}

static void
pmg_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = pmg_rows, .unknown = "not a known line of pmg-smtp-filter" };
    if (!log_family_match(&family, S("pmg"), line->text, e)) {
        log_ignore_own_life(e, log_has_leading_id(line->text));
        return;
    }
    if (strcmp(e->row, "new") == 0) {
        str id = EV(e, MESSAGE_ID);
        remember(line->host, EV(e, SESSION), str_unwrap(id, '<', '>').n ? str_unwrap(id, '<', '>') : id);
    } else if (e->kind == EVENT_FILTER) {
        finish_filter(line, e);
    }
}

static int
pmg_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, pmg_owns);
}

const struct format format_pmg = {
    .name = "pmg",
    .kind = "log",
    .description = "Proxmox Mail Gateway's filter",
    .recognise = pmg_recognise,
    .owns = pmg_owns,
    .parse = pmg_parse,
    .begin = pmg_begin,
    .suspend = pmg_suspend,
    .resume = pmg_resume,
};
