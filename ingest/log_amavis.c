/* amavis: one line per message, made from a template.
 *
 *   (am_id) Passed CLEAN {RelayedInbound}, [ip]:port <from> -> <to>,<to>, Queue-ID: X, Message-ID: <..>, ...
 *
 * Read are $log_short_templ and $log_verbose_templ of 2.x, older ones without braces, and
 * $log_recip_templ.  A pattern cuts the beginning; the list of "key: value" behind the recipients is
 * taken apart here.  Lines are cut into pieces at about 1000 bytes: a first piece ends in "...", the others begin so. */
#include "log_amavis.h"

#include <limits.h>

#include "log_family.h"
#include "syslog.h"

#define AM_ID "(?:\\((?<session>[\\w./-]+)\\) )?"
#define PEER  "(?: LOCAL)?(?: \\[(?<client_ip>[^\\]]*)\\](?::(?<client_port>\\d+))?)?"
#define FROM  "(?<mail_from><(?:[^>\"]++|\"[^\"]*\")*>|\\(\\?\\)|[^\\s<>,]+(?= -> ))"

static const struct log_row rows[] = {
    { "message", "*", " -> ",
      AM_ID "(?<action>Passed|Blocked),? ?(?<result>[A-Z][A-Z-]*(?:-\\d+)?)?(?: \\((?<reason>.*?)\\))?"
            "(?: \\{(?<detail>[^}]*)\\})?,(?: (?!LOCAL )[A-Za-z][\\w./-]*+(?! ->))*" PEER
            "(?: \\[(?:[^\\]]*)\\])*(?: [\\w-]*/[\\w-]*)? " FROM " -> (?<reply>.*)",
      EVENT_FILTER, 0, 0, NULL },
    { "spam-tag", "*", " -> ",
      AM_ID "(?:SPAM-TAG|spam-tag|SPAM|spam), ?" FROM
            " -> (?<recipient>.*?), (?<result>Yes|No), (?:score|hits)="
            "(?<score>-?[\\d.]+|x)(?=(?:.* (?:required|tag2)=(?<required>-?[\\d.]+))?)"
            "(?=(?:.* tests=\\[(?<tests>[^\\]]*)\\])?)(?:[ ,].*)?",
      EVENT_FILTER, 0, 0, "tagged" },
    { "piece", "*", ") ...", AM_ID "\\.\\.\\..*", EVENT_IGNORED, 0, 0, "the rest of a long line" },
    { "step", "*", "",
      "(?!(?:\\([\\w./-]+\\) )?(?:Passed[ ,].* -> |Blocked[ ,].* -> |\\.\\.\\.|"
      "(?:SPAM-TAG|spam-tag|SPAM|spam), ?<.* -> .*, (?:Yes|No), (?:score|hits)=)).*",
      EVENT_IGNORED, 0, 0, "a step of the work on a message, or amavis' own life" },
};

const struct log_row *
amavis_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

/* "<a>,<"b c"@d>, Hits: ...": the recipients, up to the comma and blank that no address contains. */
static str
cut_recipients(str *rest)
{
    size_t i = 0;
    bool quoted = false, open = false;
    for (; i < rest->n; i++) {
        char c = rest->p[i];
        if (c > '>' && c != '\\') /* mostly */
            continue;
        if (quoted && c == '\\')
            i++;
        else if (open && c == '"')
            quoted = !quoted;
        else if (!quoted && c == '<')
            open = true;
        else if (!quoted && c == '>')
            open = false;
        else if (!quoted && !open && c == ',' && (i + 1 == rest->n || rest->p[i + 1] == ' '))
            break;
    }
    i = i < rest->n ? i : rest->n;
    str list = str_head(*rest, i);
    *rest = str_skip(*rest, i + 2);
    return list;
}

/* Where each key's value goes; it ends at the next ", " unless it is bracketed. */
static const struct {
    str key;
    enum event_field field;
} keys[] = {
    { S("quarantine: "), FIELD_MAILBOX },
    { S("quarantine "), FIELD_MAILBOX },
    { S("Queue-ID: "), FIELD_QUEUE_ID },
    { S("Message-ID: "), FIELD_MESSAGE_ID },
    { S("Hits: "), FIELD_SCORE },
    { S("size: "), FIELD_SIZE },
    { S("queued_as: "), FIELD_NEXT_QUEUE_ID },
    { S("Tests: "), FIELD_TESTS },
    { S("helo="), FIELD_HELO },
    { S("tag2="), FIELD_REQUIRED },
    { S("dkim_sd="), FIELD_DOMAIN },
    { S("Subject: "), FIELD_SUBJECT },
    { S("dkim_new="), FIELD_SELECTOR },
};

/* Cuts off the key that rest begins with; FIELD_COUNT: it is none of ours. */
static enum event_field
cut_key(str *rest)
{
    enum { KEYS = sizeof keys / sizeof *keys };
    static unsigned begin[UCHAR_MAX + 1]; /* a bit for each key that begins with a character */
    static bool known;
    for (size_t i = 0; !known && i < KEYS; i++)
        begin[(unsigned char)keys[i].key.p[0]] |= 1u << i;
    known = true;
    for (unsigned bits = begin[(unsigned char)rest->p[0]]; bits; bits &= bits - 1) {
        size_t i = (size_t)__builtin_ctz(bits);
        if (str_starts(*rest, keys[i].key)) {
            *rest = str_skip(*rest, keys[i].key.n);
            return keys[i].field;
        }
    }
    return FIELD_COUNT;
}

/* Length of a value: "[...]", "<...>" and "..." may hold ", ". */
static size_t
value_length(str s)
{
    char close = s.n == 0 ? 0 : s.p[0] == '[' ? ']' : s.p[0] == '<' ? '>' : s.p[0] == '"' ? '"' : 0;
    size_t from = 0;
    if (close) {
        size_t at = str_find_char(str_skip(s, 1), close);
        from = at == STR_NONE ? 0 : at + 2;
    }
    size_t end = str_find(str_skip(s, from), S(", "));
    return end == STR_NONE ? s.n : from + end;
}

static void
take_items(struct event *e, str rest)
{
    while (rest.n) {
        enum event_field field = cut_key(&rest);
        size_t n = value_length(rest);
        if (field != FIELD_COUNT && e->field[field].n == 0)
            e->field[field] = str_ends(str_head(rest, n), S(",")) ? str_head(rest, n - 1) : str_head(rest, n);
        rest = str_skip(rest, n + 2);
    }
}

static str
without(str s, char open, char close)
{
    return s.n >= 2 && s.p[0] == open && s.p[s.n - 1] == close ? str_of(s.p + 1, s.n - 2) : s;
}

/* "x", "-": nothing was scored; "6.2+3" is a score and a bonus. */
static str
score_of(str s)
{
    size_t n = 0;
    while (n < s.n && (str_is_digit(s.p[n]) || s.p[n] == '.' || (n == 0 && s.p[n] == '-')))
        n++;
    double d;
    str number = str_head(s, n);
    return number.n < 30 && str_to_double(number, &d) ? number : (str){ 0 };
}

/* The category, in the words that other filters' verdicts have. */
static str
verdict_of(str category)
{
    static const struct {
        const char *category, *verdict;
    } words[] = {
        { "CLEAN", "ham" },           { "SPAM", "spam" },           { "SPAMMY", "spam" },
        { "INFECTED", "virus" },      { "BANNED", "banned" },       { "BAD-HEADER", "bad-header" },
        { "UNCHECKED", "unchecked" }, { "OVERSIZED", "oversized" }, { "MTA-BLOCKED", "mta-blocked" },
        { "TEMPFAIL", "tempfail" },   { "OTHER", "other" },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_starts(category, str_from(words[i].category)) &&
            (strcmp(words[i].category, "SPAM") != 0 || category.n == 4))
            return str_from(words[i].verdict);
    return category;
}

static void
finish_message(struct event *e)
{
    str rest = EV(e, REPLY);
    str recipients = cut_recipients(&rest);
    EV(e, REPLY) = (str){ 0 };
    EV(e, RECIPIENT) = recipients;
    take_items(e, rest);
    if (str_ends(rest, S(" ms")))
        EV(e, DELAY) = (str){ 0 };
    EV(e, MESSAGE_ID) = without(EV(e, MESSAGE_ID), '<', '>');
    EV(e, TESTS) = without(EV(e, TESTS), '[', ']');
    EV(e, SUBJECT) = without(EV(e, SUBJECT), '"', '"');
    EV(e, ACTION) = str_eq(EV(e, ACTION), S("Passed")) ? S("passed") : S("blocked");
    if (str_eq(EV(e, RESULT), S("INFECTED")) && EV(e, TESTS).n == 0)
        EV(e, TESTS) = EV(e, REASON);
    EV(e, RESULT) = verdict_of(EV(e, RESULT));
    /* "selector:domain" of a good signature, "a:b,c:d" of several */
    struct str_cut signature = str_cut(str_cut(EV(e, DOMAIN), ',').head, ':');
    EV(e, DOMAIN) = signature.tail;
    EV(e, SELECTOR) = signature.tail.n ? signature.head : (str){ 0 };
    if (str_has(EV(e, NEXT_QUEUE_ID), S(" ")) || str_has(EV(e, NEXT_QUEUE_ID), S("/")))
        EV(e, NEXT_QUEUE_ID) = (str){ 0 };
}

static void
finish_filter(struct event *e)
{
    EV(e, ENGINE) = S("amavis");
    if (strcmp(e->row, "message") == 0)
        finish_message(e);
    else
        EV(e, RESULT) = str_eq(EV(e, RESULT), S("Yes")) ? S("spam") : S("ham");
    EV(e, SCORE) = score_of(EV(e, SCORE));
    EV(e, REQUIRED) = score_of(EV(e, REQUIRED));
    if (str_istarts(EV(e, CLIENT_IP), S("IPv6:")))
        EV(e, CLIENT_IP) = str_skip(EV(e, CLIENT_IP), 5);
    EV(e, MAIL_FROM) = without(EV(e, MAIL_FROM), '<', '>');
    EV(e, RECIPIENT) = log_recipient_list(EV(e, RECIPIENT));
    if (str_eq(EV(e, MAIL_FROM), S("(?)")))
        EV(e, MAIL_FROM) = (str){ 0 };
    else
        e->flags |= EVENT_HAS_MAIL_FROM;
}

static bool
amavis_owns(str program)
{
    static const char *const names[] = { "amavis", "amavisd", "amavisd-new", "amavisd-milter", NULL };
    return log_is_named(log_tag_tail(program), names);
}

static void
amavis_parse(const struct line *line, struct event *e)
{
    static struct log_family family = { .rows = amavis_rows, .unknown = "not a known amavis line" };
    if (!log_family_match(&family, S("amavis"), line->text, e))
        return;
    if (e->kind != EVENT_FILTER)
        return;
    finish_filter(e);
    log_keep_queue_id(e);
}

static int
amavis_recognise(str head, bool eof)
{
    return syslog_recognise(head, eof, amavis_owns);
}

const struct format format_amavis = {
    .name = "amavis",
    .kind = "log",
    .description = "amavis: Passed and Blocked, in the templates of all versions",
    .recognise = amavis_recognise,
    .owns = amavis_owns,
    .parse = amavis_parse,
};
