/* qmail logs: stamps, rows, and what numbers stood for before.
 *
 * Which bounce belongs to which message is known by the process that queued
 * it (qp); Message-IDs qmail does not log. */
#include "log_qmail.h"

#include "syslog.h"

enum { RECOGNISE_LINES = 200, TEXT_MAX = 32768, LABEL = 25 };

static struct arena words; /* of one line */

static bool
hex_number(const char *p, size_t n, uint64_t *out)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        int digit = str_hex_digit(p[i]);
        if (digit < 0)
            return false;
        v = v << 4 | (uint64_t)digit;
    }
    *out = v;
    return true;
}

/* "@4000000052a1b2c30d4e5f60 ": seconds since 1970 TAI plus 2^62, ten seconds ahead, and nanoseconds. */
static bool
cut_label(str whole, when *at, str *rest)
{
    static const uint64_t epoch = UINT64_C(0x4000000000000000) + 10;
    uint64_t seconds, nanos;
    if (whole.n <= LABEL || whole.p[0] != '@' || whole.p[LABEL] != ' ' ||
        !hex_number(whole.p + 1, 16, &seconds) || !hex_number(whole.p + 17, 8, &nanos) || seconds < epoch ||
        seconds - epoch > (uint64_t)1 << 36 || nanos >= 1000000000)
        return false;
    *at = (when)(seconds - epoch) * WHEN_SECOND + (when)(nanos / 1000);
    *rest = str_skip(whole, LABEL + 1);
    return true;
}

/* "1795132800.123456 ", as splogger writes. */
static bool
cut_seconds(str whole, when *at, str *rest)
{
    struct str_number seconds = str_cut_number(whole, 10);
    if (!seconds.ok || whole.n - seconds.rest.n < 9 || seconds.rest.n == 0 || seconds.rest.p[0] != '.')
        return false;
    struct str_number micros = str_cut_number(str_skip(seconds.rest, 1), 9);
    size_t digits = seconds.rest.n - 1 - micros.rest.n;
    if (!micros.ok || digits != 6 || micros.rest.n == 0 || micros.rest.p[0] != ' ')
        return false;
    *at = (when)seconds.value * WHEN_SECOND + (when)micros.value;
    *rest = str_skip(micros.rest, 1);
    return true;
}

bool
qmail_frame(str whole, struct line *out, struct civil *civil, bool *zoned, int *offset_s)
{
    when at;
    str rest;
    *offset_s = 0;
    if (cut_label(whole, &at, &rest) || cut_seconds(whole, &at, &rest)) {
        *civil = when_to_civil(at);
        *zoned = true;
    } else {
        struct when_result stamp = when_rfc3339(whole); /* tai64nlocal */
        if (!stamp.ok || stamp.zoned || whole.n - stamp.rest.n < 26 || stamp.rest.n == 0 ||
            stamp.rest.p[0] != ' ')
            return false;
        *civil = stamp.civil;
        *zoned = false;
        rest = str_skip(stamp.rest, 1);
    }
    out->whole = whole;
    out->text = rest;
    return true;
}

/* Rows --------------------------------------------------------------------------------------------- */

static void
finish_arrival(struct event *e)
{
    str qp = EV(e, SESSION);
    EV(e, SESSION) = (str){ 0 };
    if (qp.n == 0)
        return;
    qmail_memory_qp(e->host, qp, QP_WROTE, EV(e, QUEUE_ID), e->at);
    str about = qmail_memory_message(e->host, qp, QP_BOUNCE, e->at);
    if (about.n) { /* qmail-send wrote it */
        EV(e, ACTION) = S("bounce");
        EV(e, DETAIL) = about;
        e->flags |= EVENT_LOCAL;
        return;
    }
    EV(e, ORIG_QUEUE_ID) = qmail_memory_message(e->host, qp, QP_FORWARD, e->at);
}

/* A virtual domain's user is written in front: "example.com-ann@example.com" was given as ann@example.com. */
static str
without_prefix(str recipient)
{
    struct str_cut c = str_rcut(recipient, '@');
    str prefix = str_head(c.head, c.tail.n);
    bool prepended = c.found && c.tail.n && c.head.n > c.tail.n + 1 && c.head.p[c.tail.n] == '-';
    return prepended && str_ieq(prefix, c.tail) ? str_skip(recipient, c.tail.n + 1) : (str){ 0 };
}

static void
finish_delivery(struct event *e)
{
    bool local = false;
    str delivery = EV(e, SESSION), said = EV(e, REPLY);
    EV(e, SESSION) = (str){ 0 };
    if (qmail_memory_end(e->host, delivery, e->at, &EV(e, QUEUE_ID), &EV(e, RECIPIENT), &local))
        EV(e, VIA) = local ? S("local") : S("remote");
    else if (str_starts(said, S("did_")))
        EV(e, VIA) = S("local");
    if (local)
        EV(e, ORIG_RECIPIENT) = without_prefix(EV(e, RECIPIENT));
    qmail_report(e, EV(e, STATUS).n ? qmail_words(said, &words) : said, &words);
    str qp = EV(e, DETAIL);
    EV(e, DETAIL) = (str){ 0 };
    if (qp.n == 0)
        return;
    EV(e, NEXT_QUEUE_ID) = qmail_memory_message(e->host, qp, QP_WROTE, e->at);
    qmail_memory_qp(e->host, qp, QP_FORWARD, EV(e, QUEUE_ID), e->at);
}

/* SPAMCONTROL's and s/qmail's "Reject::DATA::Bad_MIME": who or what is refused, and why. */
static void
take_spamcontrol(struct event *e)
{
    static const struct {
        const char *said;
        enum stage stage;
    } types[] = {
        { "DATA::", STAGE_DATA },
        { "AUTH::", STAGE_SUBMISSION },
        { "SNDR::Bad_Helo", STAGE_HELO },
        { "SMTP::", STAGE_CONNECT },
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_istarts(EV(e, REPLY), str_from(types[i].said)))
            e->stage = types[i].stage;
    if (e->stage == STAGE_SUBMISSION)
        EV(e, ACTION) = S("auth-failure");
    else if (str_has(e->text, S("Defer")))
        EV(e, ACTION) = S("defer");
}

static void
finish_refusal(struct event *e)
{
    static const struct {
        const char *status;
        enum stage stage;
    } denials[] = {
        { "DENIED_RDNS", STAGE_HELO },
        { "DENIED_IP", STAGE_CONNECT },
        { "DENIED_BLACKLIST_IP", STAGE_CONNECT },
        { "DENIED_EARLYTALKER", STAGE_CONNECT },
        { "DENIED_HELO", STAGE_HELO },
    };
    for (size_t i = 0; i < sizeof denials / sizeof *denials; i++)
        if (str_starts(EV(e, STATUS), str_from(denials[i].status)))
            e->stage = denials[i].stage;
    if (e->row && strcmp(e->row, "spamcontrol.rejected") == 0)
        take_spamcontrol(e);
    if (str_has(EV(e, STATUS), S("GRAYLIST")) || str_has(EV(e, STATUS), S("GREYLIST")) ||
        (EV(e, REPLY).n && EV(e, REPLY).p[0] == '4'))
        EV(e, ACTION) = S("defer");
    str said = EV(e, REPLY);
    if (EV(e, STATUS).n) /* spamdyke: the reason is a code or a list, often none */
        EV(e, REPLY) = said.n && !str_eq(said, S("(empty)"))
                           ? arena_join(&words, EV(e, STATUS), S(" "), qmail_words(said, &words))
                           : EV(e, STATUS);
    event_parse_reply(e);
}

str
qmail_text(const struct line *line, struct arena *a)
{
    str text = line->text, program = line->program;
    when at;
    cut_seconds(text, &at, &text);
    if (program.n == 0 || str_starts(program, S("qmail")) || str_starts(text, program) ||
        str_eq(program, S("vpopmail")))
        return text;
    return arena_join(a, program, str_eq(program, S("spamdyke")) ? S("[0]: ") : S(": "), text);
}

/* A text of no row: qmail-send has its own words for what becomes of messages; the rest is trouble or a dialogue
 * that recordio writes down. */
static void
finish_unknown(str text, struct event *e)
{
    static const str deciding[] = { S("msg "),      S("delivery "), S("bounce "), S("CHKUSER "),
                                    S("DENIED_"),   S("ALLOWED"),   S("deny "),   S("ejected"),
                                    S("simscan:["), S("vchkpw-"),   S("qlog"),    S("rblsmtpd: ") };
    bool decides = text.n > TEXT_MAX;
    for (size_t i = 0; !decides && i < sizeof deciding / sizeof *deciding; i++)
        decides = str_has(text, deciding[i]);
    e->kind = decides ? EVENT_REJECT : EVENT_IGNORED;
    e->why = text.n > TEXT_MAX ? "longer than any qmail line"
             : decides         ? "not a known qmail line"
                               : "trouble of qmail itself";
}

static void
qmail_parse(const struct line *line, struct event *e)
{
    static struct log_table *table;
    if (table == NULL) {
        size_t n;
        const struct log_row *rows = qmail_rows(&n);
        table = log_table_new(rows, n);
    }
    arena_reset(&words);
    str text = qmail_text(line, &words);
    if (text.n > TEXT_MAX || !log_table_match(table, S("qmail"), text, e)) {
        finish_unknown(text, e);
        return;
    }
    e->flags |= EVENT_NO_TLS;
    if (EV(e, MAIL_FROM).p == NULL)
        e->flags &= ~(unsigned)EVENT_HAS_MAIL_FROM;
    switch (e->kind) {
    case EVENT_ARRIVAL: finish_arrival(e); break;
    case EVENT_ATTEMPT: finish_delivery(e); break;
    case EVENT_REFUSAL: finish_refusal(e); break;
    case EVENT_FILTER: EV(e, ENGINE) = S("simscan"); break;
    case EVENT_NOTIFICATION:
        qmail_memory_qp(e->host, EV(e, SESSION), QP_BOUNCE, EV(e, QUEUE_ID), e->at);
        EV(e, SESSION) = (str){ 0 };
        break;
    case EVENT_SESSION:
        if (EV(e, VIA).n) {
            qmail_memory_start(e->host, EV(e, SESSION), EV(e, QUEUE_ID), EV(e, RECIPIENT),
                               str_eq(EV(e, VIA), S("local")), e->at);
            EV(e, DETAIL) = EV(e, RECIPIENT);
            EV(e, SESSION) = (str){ 0 };
        }
        break;
    default: break;
    }
}

static bool
qmail_owns(str program)
{
    static const str names[] = { S("qmail"),     S("qmail-send"), S("qmail-smtpd"), S("qmail-remote"),
                                 S("tcpserver"), S("rblsmtpd"),   S("spamdyke"),    S("sslserver"),
                                 S("vpopmail"),  S("simscan") };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(program, names[i]))
            return true;
    return str_starts(program, S("vchkpw-"));
}

/* Words that only qmail and its neighbours begin a line with. */
static bool
is_typical(str whole, const struct line *framed)
{
    (void)whole;
    static const str starts[] = { S("new msg "),        S("info msg "),   S("starting delivery "),
                                  S("end msg "),        S("bounce msg "), S("status: local "),
                                  S("triple bounce: "), S("tcpserver: "), S("rblsmtpd: "),
                                  S("spamdyke["),       S("CHKUSER "),    S("simscan:["),
                                  S("sslserver: ") };
    str text = framed ? framed->text : (str){ 0 };
    return str_starts_any(text, starts, sizeof starts / sizeof *starts) ||
           (str_starts(text, S("delivery ")) && str_is_digit(text.n > 9 ? text.p[9] : ' '));
}

static int
qmail_recognise(str head, bool eof)
{
    return syslog_recognise_own(head, eof, RECOGNISE_LINES, qmail_frame, is_typical, qmail_owns);
}

const struct format format_qmail = {
    .name = "qmail",
    .kind = "log",
    .description =
        "qmail-send and what stands before it (tcpserver, rblsmtpd, spamdyke, chkuser), multilog or syslog",
    .recognise = qmail_recognise,
    .owns = qmail_owns,
    .frame = qmail_frame,
    .parse = qmail_parse,
};
