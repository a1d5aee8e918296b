/* Syslog lines in the shapes that the common framings lack: what BusyBox, OpenWrt, AIX, Solaris, relays, Cisco's
 * loggers and journalctl's other outputs put around a line.
 *
 *   Sun Nov 22 03:46:09 2026 mail.info tag[1]: text        OpenWrt's logread
 *   Nov 22 03:46:09 host mail.info tag[1]: text            BusyBox; AIX writes mail:info
 *   Sun 2026-11-22 03:46:09 CET host tag[1]: text          journalctl -o short-full
 *   1795319169.123456 host tag[1]: text                    journalctl -o short-unix, and other epoch stamps
 *   Nov 22 2026 03:46:09 host tag[1]: text                 loggers that say the year; 2026 Nov 22 as well
 *   2026/11/22 03:46:09 host tag[1]: text                  templates of the operator's own; also in [ ]
 *   Nov 22 03:46:09 <mail.info> host tag[1]: text          FreeBSD with -vv; <2.6> with -v
 *   Nov 22 03:46:09 UTC host tag[1]: text                  loggers that say the zone
 *   Nov 22 03:46:09 relay Nov 22 03:46:08 host tag[1]: ... a line that a relay framed again
 *   Nov 22 03:46:09 relay Message forwarded from host: tag[1]: text
 *
 * Tried only where the common framings have failed, so it need not be fast. */
#include "frame_impl.h"

enum { PRI_MAX = 191, EPOCH_DIGITS = 10, WORDS_MAX = 4, ABBREVIATION_MAX = 5 };

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static str
skip_blanks(str s)
{
    while (s.n && is_blank(s.p[0]))
        s = str_skip(s, 1);
    return s;
}

static str
first_word(str s)
{
    size_t n = 0;
    while (n < s.n && !is_blank(s.p[n]))
        n++;
    return str_head(s, n);
}

static bool
is_level(str word)
{
    static const str levels[] = { S("info"), S("notice"), S("warn"),  S("warning"), S("err"),   S("error"),
                                  S("crit"), S("alert"),  S("emerg"), S("debug"),   S("panic"), S("none") };
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (str_eq(word, levels[i]))
            return true;
    return false;
}

static bool
is_facility(str word)
{
    static const str facilities[] = { S("mail"), S("daemon"), S("user"),     S("auth"), S("syslog"),
                                      S("kern"), S("cron"),   S("authpriv"), S("lpr"),  S("news") };
    for (size_t i = 0; i < sizeof facilities / sizeof *facilities; i++)
        if (str_eq(word, facilities[i]))
            return true;
    return word.n == 6 && str_starts(word, S("local")) && str_is_digit(word.p[5]);
}

/* "mail.info", "mail:info", "<mail.info>", "<2.6>" */
static bool
is_priority(str word)
{
    bool angled = word.n > 2 && word.p[0] == '<' && word.p[word.n - 1] == '>';
    if (angled)
        word = str_of(word.p + 1, word.n - 2);
    struct str_cut c = str_cut(word, '.');
    if (angled && c.found && c.head.n <= 2 && c.tail.n == 1 && str_digits(c.head) && str_digits(c.tail))
        return true;
    if (!c.found)
        c = str_cut(word, ':');
    return c.found && is_facility(c.head) && is_level(c.tail);
}

static bool
is_abbreviation(str word)
{
    bool upper = word.n >= 1 && word.n <= ABBREVIATION_MAX;
    for (size_t i = 0; upper && i < word.n; i++)
        upper = word.p[i] >= 'A' && word.p[i] <= 'Z';
    return upper && (word.n >= 3 || str_eq(word, S("Z")));
}

static bool
is_weekday(str word)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    if (word.n == 4 && word.p[3] == ',')
        word.n = 3;
    for (size_t i = 0; word.n == 3 && i < sizeof days - 1; i += 3)
        if (memcmp(word.p, days + i, 3) == 0)
            return true;
    return false;
}

static bool
is_year(str word)
{
    return word.n == 4 && str_digits(word);
}

/* "1795319169", "1795319169.123456" */
static bool
epoch_stamp(str word, struct framed *out)
{
    struct str_cut c = str_cut(word, '.');
    struct str_number seconds = str_cut_number(c.head, EPOCH_DIGITS);
    if (c.head.n != EPOCH_DIGITS || !seconds.ok || seconds.rest.n || (c.found && !str_digits(c.tail)) ||
        c.tail.n > 9)
        return false;
    when at = (when)seconds.value * WHEN_SECOND, unit = WHEN_SECOND;
    for (size_t i = 0; i < c.tail.n && unit > 1; i++) {
        unit /= 10;
        at += (c.tail.p[i] - '0') * unit;
    }
    out->line.at = at;
    out->civil = when_to_civil(at);
    out->dated = out->zoned = true;
    return true;
}

/* "Nov 22 2026 03:46:09": read without the year, which then stands apart. */
static struct when_result
stamp_with_year(str s)
{
    enum { DAY = 7, YEAR = 5, TIME = 8 };
    char bytes[DAY + TIME];
    struct when_result none = { 0 };
    if (s.n < DAY + YEAR + TIME || !str_digits(str_of(s.p + DAY, YEAR - 1)) || s.p[DAY + YEAR - 1] != ' ')
        return none;
    memcpy(bytes, s.p, DAY);
    memcpy(bytes + DAY, s.p + DAY + YEAR, TIME);
    struct when_result stamp = when_rfc3164(str_of(bytes, sizeof bytes));
    if (!stamp.ok || stamp.rest.n)
        return none;
    stamp.civil.year = (int)str_cut_number(str_of(s.p + DAY, YEAR - 1), 4).value;
    stamp.rest = str_skip(s, DAY + YEAR + TIME);
    return stamp;
}

/* "2026/11/22 03:46:09" */
static struct when_result
stamp_with_slashes(str s)
{
    enum { YEAR = 4, MONTH = 7, STAMP_MOST = 40 };
    char bytes[STAMP_MOST];
    struct when_result none = { 0 };
    if (s.n <= MONTH || s.p[YEAR] != '/' || s.p[MONTH] != '/')
        return none;
    str copy = str_of(bytes, s.n < STAMP_MOST ? s.n : STAMP_MOST);
    memcpy(bytes, s.p, copy.n);
    bytes[YEAR] = bytes[MONTH] = '-';
    struct when_result stamp = when_rfc3339(copy);
    stamp.rest = str_skip(s, copy.n - stamp.rest.n);
    return stamp;
}

static bool
cut_bare_stamp(str *s, struct framed *out)
{
    str word = first_word(*s);
    if (is_weekday(word)) {
        *s = skip_blanks(str_skip(*s, word.n));
        word = first_word(*s);
    }
    if (epoch_stamp(word, out)) {
        *s = str_skip(*s, word.n);
        return true;
    }
    struct when_result stamp = when_rfc3339(*s);
    if (!stamp.ok)
        stamp = stamp_with_slashes(*s);
    if (!stamp.ok)
        stamp = stamp_with_year(*s);
    bool dated = stamp.ok;
    if (!stamp.ok && is_year(word)) {
        stamp = when_rfc3164(skip_blanks(str_skip(*s, word.n)));
        stamp.civil.year = (int)str_cut_number(word, 4).value;
        dated = true;
    } else if (!stamp.ok) {
        stamp = when_rfc3164(*s);
    }
    if (!stamp.ok)
        return false;
    *s = stamp.rest;
    str year = first_word(skip_blanks(stamp.rest));
    if (!dated && is_year(year)) {
        stamp.civil.year = (int)str_cut_number(year, 4).value;
        dated = true;
        *s = str_skip(skip_blanks(stamp.rest), 4);
    }
    out->civil = stamp.civil;
    out->dated = dated;
    out->zoned = stamp.zoned;
    out->line.at = stamp.zoned ? stamp.at : WHEN_NONE;
    return true;
}

/* The stamp, alone or in brackets. */
static bool
cut_stamp(str *s, struct framed *out)
{
    enum { BRACKETED_MOST = 40 };
    if (s->n == 0 || s->p[0] != '[')
        return cut_bare_stamp(s, out);
    struct str_cut c = str_cut(str_skip(*s, 1), ']');
    str inner = c.head;
    if (!c.found || inner.n > BRACKETED_MOST || !cut_bare_stamp(&inner, out) || inner.n)
        return false;
    *s = c.tail;
    return true;
}

/* UTC is a zone; other abbreviations are said by several, and --timezone knows better. */
static void
take_zone(str word, struct framed *out)
{
    static const str utc[] = { S("UTC"), S("GMT"), S("Z") };
    for (size_t i = 0; !out->zoned && out->dated && i < sizeof utc / sizeof *utc; i++)
        if (str_eq(word, utc[i])) {
            out->zoned = true;
            out->line.at = when_from_civil(out->civil);
        }
}

/* What a relay framed again: the inner line's host, its time where it says more. */
static bool
take_relayed(str s, struct framed *out)
{
    struct framed inner;
    if (str_starts(s, S("Message forwarded from "))) {
        str rest = str_skip(s, 23);
        size_t colon = str_find(rest, S(": "));
        if (colon == STR_NONE || !syslog_tag(str_skip(rest, colon + 2), &out->line))
            return false;
        out->line.host = str_head(rest, colon);
        return true;
    }
    if (s.n == 0 || !(str_is_digit(s.p[0]) || str_is_alpha(s.p[0])) || !syslog_frame_common(s, &inner))
        return false;
    inner.line.whole = out->line.whole;
    if (!inner.zoned && out->zoned)
        inner =
            (struct framed){ .line = inner.line, .civil = out->civil, .dated = out->dated, .zoned = true };
    if (inner.zoned && inner.line.at == WHEN_NONE)
        inner.line.at = out->line.at;
    *out = inner;
    return true;
}

/* A tag ends with its word: "postfix/smtpd[123]:". */
static bool
is_tag(str word)
{
    return word.n > 1 && word.p[word.n - 1] == ':';
}

bool
frame_odd(str whole, struct framed *out)
{
    *out = (struct framed){ .line = { .whole = whole, .at = WHEN_NONE } };
    str s = skip_blanks(whole);
    if (s.n && s.p[0] == '<') {
        struct str_number pri = str_cut_number(str_skip(s, 1), 3);
        if (!pri.ok || pri.value > PRI_MAX || !str_starts(pri.rest, S(">")))
            return false;
        s = str_skip(pri.rest, 1);
    }
    if (!cut_stamp(&s, out))
        return false;
    if (s.n && s.p[0] == ':')
        s = str_skip(s, 1);
    if (s.n == 0 || !is_blank(s.p[0]))
        return false;
    s = skip_blanks(s);
    if (str_starts(s, S("-> ")) || str_starts(s, S("stdout ")) || str_starts(s, S("stderr ")))
        return false; /* ClamAV's own files, a container's stream */
    bool host = false;
    for (int i = 0; i < WORDS_MAX && s.n; i++) {
        str word = first_word(s);
        str rest = skip_blanks(str_skip(s, word.n));
        if (i == 0 && str_is_digit(word.p[0]) && take_relayed(s, out))
            return true;
        if (!host && i == 0 && is_abbreviation(word)) {
            take_zone(word, out);
        } else if (!is_priority(word) && is_tag(word) && syslog_tag(s, &out->line)) {
            out->line.text = skip_blanks(out->line.text);
            return true;
        } else if (!is_priority(word) && !host) {
            host = true;
            out->line.host = word;
            if (take_relayed(rest, out))
                return true;
        } else if (!is_priority(word)) {
            return false;
        }
        s = rest;
    }
    return false;
}

void
frame_priority(struct line *line)
{
    if (line->text.n > 4 && memcmp(line->text.p, "[ID ", 4) == 0) { /* Solaris: "[ID 197553 mail.info] " */
        size_t close = str_find(line->text, S("] "));
        if (close != STR_NONE && close < 40)
            line->text = str_skip(line->text, close + 2);
        return;
    }
    if (line->pid || !is_facility(line->program))
        return;
    str word = first_word(line->text);
    struct line inner = { 0 };
    if (!is_level(word) || !syslog_tag(skip_blanks(str_skip(line->text, word.n)), &inner))
        return;
    line->program = inner.program;
    line->pid = inner.pid;
    line->text = inner.text;
}

bool
frame_is_note(str whole)
{
    static const str notes[] = { S("-- Logs begin at "), S("-- Journal begins at "), S("-- Boot "),
                                 S("-- Reboot --"),      S("-- No entries --"),      S("-- cursor: "),
                                 S("Attaching to ") };
    return str_starts_any(whole, notes, sizeof notes / sizeof *notes) || frame_container(whole).n > 0;
}
