/* Replies in the words of notices: where an SMTP reply stands in a text, and what the words behind an
 * address come down to.  Whom the words are about is dsn_prose.c's business. */
#include "buf.h"
#include "dsn_read.h"
#include "event.h"

enum { REPLY_MAX = 2000, REPLY_LINES = 30, NOTICE_MAX = 256 << 10 };

static bool
is_code_at(str s, size_t i)
{
    if (i + 3 > s.n || s.p[i] < '2' || s.p[i] > '5' || s.p[i + 1] < '0' || s.p[i + 1] > '7' ||
        !str_is_digit(s.p[i + 2]))
        return false;
    return i + 3 == s.n || strchr(" -\n:,", s.p[i + 3]);
}

/* Whether a code's place says that it is one: it begins the text or a line, or follows what announces it. */
static bool
is_announced(str s, size_t i)
{
    size_t b = i;
    while (b > 0 && (s.p[b - 1] == ' ' || s.p[b - 1] == '\t'))
        b--;
    str before = str_head(s, b);
    if (str_ends(before, S("ERROR_CODE :")) || str_ends(before, S("ResponseCode")))
        return true;
    bool comma = i + 3 < s.n && s.p[i + 3] == ',';
    if (b == 0)
        return true;
    if (strchr("\n:;>('\"#", s.p[b - 1]))
        return !comma;
    bool aside = str_ends(before, S("],")) || str_ends(before, S("<--")) || str_ends(before, S("<<<")) ||
                 str_ends(before, S(": [")) || str_ends(before, S(" error"));
    return aside && !comma;
}

/* A number in prose is none: what stands before announces a code, or an enhanced code follows. */
size_t
dsn_find_reply(str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!is_code_at(text, i))
            continue;
        bool bracket = i > 0 && text.p[i - 1] == '[' && i + 3 < text.n && text.p[i + 3] == ' ';
        bool apart =
            i == 0 || bracket ||
            (!str_is_digit(text.p[i - 1]) && !str_is_alpha(text.p[i - 1]) && !strchr(".-,/[", text.p[i - 1]));
        str after = str_skip(text, i + 4);
        if (after.n > 0 && after.p[0] == '#')
            after = str_skip(after, 1);
        bool enhanced =
            after.n > 4 && after.p[0] == text.p[i] && after.p[1] == '.' && str_is_digit(after.p[2]);
        if (apart && (is_announced(text, i) || enhanced))
            return i;
    }
    return STR_NONE;
}

/* The first that is no success: transcripts begin with greetings. */
size_t
dsn_find_failure(str text)
{
    for (size_t from = 0, at; (at = dsn_find_reply(str_skip(text, from))) != STR_NONE; from += at + 3)
        if (text.p[from + at] >= '4')
            return from + at;
    return STR_NONE;
}

static bool
is_generic(str enhanced)
{
    return enhanced.n == 0 || str_ends(enhanced, S(".0.0"));
}

/* "(#5.2.2)", "<mx.example.net #5.1.1>": marked so by programs that give no basic code. */
static str
marked_status(str reply)
{
    size_t at = str_find_char(reply, '#');
    struct event e = { .result = RESULT_BOUNCED };
    if (at == STR_NONE)
        return (str){ 0 };
    EV(&e, REPLY) = str_skip(reply, at + 1);
    event_parse_reply(&e);
    return EV(&e, ENHANCED);
}

void
dsn_read_reply(struct dsn_recipient *r)
{
    size_t at = dsn_find_reply(r->reply);
    struct event e = { .result = RESULT_BOUNCED };
    EV(&e, REPLY) = at == STR_NONE ? r->reply : str_skip(r->reply, at);
    if (at != STR_NONE) {
        EV(&e, CODE) = str_head(EV(&e, REPLY), 3);
        EV(&e, REPLY) = str_skip(EV(&e, REPLY), 3);
        while (EV(&e, REPLY).n && strchr(" :-#,'", EV(&e, REPLY).p[0])) /* "550 #5.1.1", "550: 5.1.1" */
            EV(&e, REPLY) = str_skip(EV(&e, REPLY), 1);
        if (str_starts(EV(&e, REPLY), S("ERROR_CODE :")))
            EV(&e, REPLY) = str_skip(EV(&e, REPLY), sizeof "ERROR_CODE :" - 1);
    }
    event_parse_reply(&e);
    if (EV(&e, ENHANCED).n == 0)
        EV(&e, ENHANCED) = marked_status(r->reply);
    uint64_t code = 0;
    if (at != STR_NONE && str_to_u64(EV(&e, CODE), &code))
        r->code = (int)code;
    r->enhanced = is_generic(EV(&e, ENHANCED)) && r->status.n && !is_generic(r->status) ? r->status
                  : EV(&e, ENHANCED).n                                                  ? EV(&e, ENHANCED)
                                                                                        : r->status;
}

str
dsn_one_line(struct arena *a, str s)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (!str_is_space(s.p[i]))
            out[n++] = s.p[i];
        else if (n > 0 && out[n - 1] != ' ')
            out[n++] = ' ';
    return str_of(out, n);
}

/* Lines between what a notice says and what it encloses. */
static bool
is_break(str line)
{
    static const char *const begins[] = { "---",
                                          "===",
                                          "___",
                                          "Original message",
                                          "Message header",
                                          "Old message",
                                          "Transcript of session",
                                          "|---",
                                          "Original Message",
                                          "Reporting-MTA:",
                                          "Remote system:",
                                          "Begin message" };
    line = str_trim(line);
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (str_starts(line, str_from(begins[i])))
            return true;
    return false;
}

static str
cut_reply(str s)
{
    static const char *const ends[] = { "Giving up on ", "I'm not going to try again" };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t at = str_find(s, str_from(ends[i]));
        if (at != STR_NONE && at > 0)
            s = str_head(s, at);
    }
    s = str_trim(str_head(s, REPLY_MAX));
    static const char pairs[] = "()[]<>"; /* of "(reason: 550 ...)" */
    for (size_t i = 0; pairs[i] && s.n > 0; i += 2)
        if (s.p[s.n - 1] == pairs[i + 1] && str_find_char(s, pairs[i]) == STR_NONE)
            s = str_trim_right(str_head(s, s.n - 1));
    return s;
}

/* The name at the start of what stands behind "host". */
static str
host_name(str s)
{
    return str_word(str_trim_left(s), "[:");
}

/* "host mx.example [192.0.2.1] said": where it begins, STR_NONE if no host is named. */
static size_t
named_host(str words)
{
    for (size_t from = 0;;) {
        size_t at = str_find(str_skip(words, from), S("host"));
        if (at == STR_NONE)
            return STR_NONE;
        at += from;
        from = at + 4;
        str name = host_name(str_skip(words, from));
        bool apart = from < words.n && str_is_space(words.p[from]);
        if (apart && name.n > 3 && str_find_char(name, '.') != STR_NONE)
            return at;
    }
}

/* Behind these words, or the line they stand in, some programs say why. */
static str
skip_to_reason(str words)
{
    static const char *const announce[] = { "Technical details of ", "following reason was given:" };
    for (size_t i = 0; i < sizeof announce / sizeof *announce; i++) {
        size_t at = str_ifind(words, str_from(announce[i]));
        str rest = at == STR_NONE ? (str){ 0 } : str_cut(str_skip(words, at), '\n').tail;
        if (str_trim(rest).n > 0)
            return rest;
    }
    return words;
}

/* "on Sat, 21 Nov 2026 16:51:51 -0500" before the reason. */
static str
skip_date(str words)
{
    while (words.n > 0 && (str_is_space(words.p[0]) || strchr(":;,", words.p[0])))
        words = str_skip(words, 1);
    if (!str_starts(words, S("on ")))
        return words;
    str rest = str_cut(words, '\n').tail, more = str_trim_left(rest);
    bool folded = more.n > 4 && str_digits(str_head(more, 4));
    rest = folded ? str_cut(rest, '\n').tail : rest;
    return str_trim(rest).n > 0 ? rest : words;
}

/* Paragraphs that only announce what follows: "because:". */
static str
skip_lead_in(str words)
{
    for (;;) {
        while (words.n > 0 && (str_is_space(words.p[0]) || words.p[0] == ':'))
            words = str_skip(words, 1);
        struct str_cut c = str_cut(words, '\n');
        str line = str_trim(c.head);
        if (line.n == 0 || line.n > 60 || line.p[line.n - 1] != ':' || str_trim(c.tail).n == 0)
            return words;
        words = c.tail;
    }
}

/* What a client says in a transcript. */
static bool
is_command(str line)
{
    size_t arrow = str_find(line, S("--> "));
    return str_starts(line, S(">>>")) || (arrow != STR_NONE && arrow < 40);
}

str
dsn_reply_of(struct arena *a, str words)
{
    size_t code = dsn_find_failure(words);
    if (code == STR_NONE)
        code = dsn_find_reply(words);
    str s = words;
    size_t said = code == STR_NONE ? STR_NONE : named_host(str_head(words, code));
    if (code != STR_NONE)
        s = str_skip(words, said != STR_NONE && code - said < 300 ? said : code);
    else
        s = skip_lead_in(skip_date(skip_to_reason(words)));
    struct buf b = { 0 };
    size_t lines = 0;
    bool reached = code == STR_NONE;
    while (s.n > 0 && lines < REPLY_LINES) {
        struct str_cut c = str_cut(s, '\n');
        str line = str_trim(c.head);
        reached |= dsn_find_reply(line) != STR_NONE;
        if ((line.n == 0 && reached) || is_break(line) || (reached && b.n && is_command(line)) ||
            (b.n && str_starts(line, S("(expanded from"))))
            break;
        if (line.n)
            buf_printf(&b, "%s%.*s", b.n ? " " : "", PRSTR(line));
        lines++;
        s = c.tail;
    }
    str reply = cut_reply(arena_copy(a, buf_str(&b)));
    buf_free(&b);
    return reply;
}

/* The line that ends in an address, up to it, if it says more than a word or two. */
static str
line_before(str text, str address)
{
    size_t at = address.n ? str_ifind(text, address) : STR_NONE, begin = at;
    if (at == STR_NONE)
        return (str){ 0 };
    while (begin > 0 && text.p[begin - 1] != '\n')
        begin--;
    str line = str_trim(str_head(str_skip(text, begin), at - begin));
    while (line.n > 0 && strchr("<\"':(", line.p[line.n - 1]))
        line = str_trim_right(str_head(line, line.n - 1));
    return line.n > 12 ? line : (str){ 0 };
}

/* All of a notice in one line, without rules, headlines and the address. */
static str
whole_notice(struct arena *a, str text, str address)
{
    enum { SOME = 600 };
    struct buf b = { 0 };
    for (str rest = str_head(text, REPLY_MAX); rest.n > 0;) {
        struct str_cut c = str_cut(rest, '\n');
        str line = str_trim(c.head), bare = line;
        rest = c.tail;
        while (bare.n > 0 && strchr("<>:", bare.p[bare.n - 1]))
            bare = str_head(bare, bare.n - 1);
        while (bare.n > 0 && bare.p[0] == '<')
            bare = str_skip(bare, 1);
        if (line.n > 0 && !is_break(line) && !str_ieq(bare, address))
            buf_printf(&b, "%s%.*s", b.n ? " " : "", PRSTR(line));
    }
    str words = dsn_one_line(a, str_head(buf_str(&b), SOME));
    buf_free(&b);
    return str_trim(words);
}

str
dsn_reply_of_notice(struct arena *a, str text, str address, str so_far)
{
    size_t code = dsn_find_failure(text);
    if (code != STR_NONE)
        return dsn_reply_of(a, str_skip(text, code));
    if (so_far.n > 0)
        return (str){ 0 };
    str line = line_before(text, address);
    return line.n ? arena_copy(a, line) : whole_notice(a, text, address);
}

str
dsn_reply_in_text(struct arena *a, str text, str address)
{
    size_t at = address.n ? str_ifind(text, address) : STR_NONE;
    if (at == STR_NONE) {
        str why = skip_to_reason(text);
        return why.p == text.p ? (str){ 0 } : dsn_reply_of(a, str_head(why, NOTICE_MAX));
    }
    str words = str_head(str_skip(text, at + address.n), NOTICE_MAX);
    while (words.n > 0 && strchr(">:\"')", words.p[0]))
        words = str_skip(words, 1);
    return dsn_reply_of(a, words);
}

str
dsn_host_of_reply(str reply)
{
    return named_host(reply) == 0 ? host_name(str_skip(reply, 4)) : (str){ 0 };
}
