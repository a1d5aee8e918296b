/* What became of a delivery of qmail: the words of qmail-remote, qmail-local and their kin.
 *
 * qmail-remote's own sentences end in "/", a remote reply stands behind
 * "Remote host said: "; codes of its own are written "(#5.1.1)". */
#include "log_qmail.h"

str
qmail_words(str safe, struct arena *a)
{
    str copy = arena_copy(a, safe);
    char *p = (char *)(uintptr_t)copy.p;
    size_t open = STR_NONE;
    for (size_t i = 0; i < copy.n; i++) {
        if (p[i] == '<') {
            size_t end = str_find_char(str_skip(copy, i), '>');
            str inside = end == STR_NONE ? (str){ 0 } : str_of(p + i + 1, end - 1);
            if (str_find_char(inside, '@') != STR_NONE && str_find_char(inside, '<') == STR_NONE)
                open = i + end; /* an address keeps its underscores */
        }
        if (p[i] == '_' && (open == STR_NONE || i > open))
            p[i] = ' ';
    }
    return copy;
}

static bool
is_ip_char(char c)
{
    return str_is_digit(c) || c == '.' || c == ':' || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* An address at the start of s, its last dot (the sentence's) cut off. */
static str
leading_ip(str s)
{
    size_t n = 0, dots = 0, colons = 0;
    bool bracket = s.n && s.p[0] == '[';
    s = str_skip(s, bracket);
    for (; n < s.n && is_ip_char(s.p[n]); n++) {
        dots += s.p[n] == '.';
        colons += s.p[n] == ':';
    }
    while (n > 0 && (s.p[n - 1] == '.' || s.p[n - 1] == ':'))
        n--;
    return n >= 3 && (dots >= 3 || colons >= 2) ? str_head(s, n) : (str){ 0 };
}

static str
ip_behind(str words, str mark)
{
    size_t at = str_find(words, mark);
    return at == STR_NONE ? (str){ 0 } : leading_ip(str_skip(words, at + mark.n));
}

/* "192.0.2.1 accepted message./...", "Connected to 192.0.2.1 but ...", "Giving up on 192.0.2.1." */
static str
peer_of(str words)
{
    static const str marks[] = { S(" accepted message"), S(" does not like recipient"), S(" failed on DATA"),
                                 S(" failed after I sent the message") };
    str ip = ip_behind(words, S("onnected to "));
    if (ip.n == 0)
        ip = ip_behind(words, S("Giving up on "));
    if (ip.n == 0)
        ip = leading_ip(words);
    for (size_t i = 0; i < sizeof marks / sizeof *marks && ip.n == 0; i++) {
        size_t at = str_find(words, marks[i]);
        if (at == STR_NONE)
            continue;
        size_t from = at;
        while (from > 0 && words.p[from - 1] != ' ' && words.p[from - 1] != '/')
            from--;
        ip = leading_ip(str_of(words.p + from, at - from));
    }
    return ip;
}

/* The remote's own words, without what qmail-remote puts behind them. */
static str
remote_words(str words)
{
    size_t at = str_find(words, S("emote host said: "));
    if (at == STR_NONE)
        return (str){ 0 };
    str reply = str_skip(words, at + 17);
    size_t end = str_find(reply, S("/Giving up on "));
    reply = end == STR_NONE ? reply : str_head(reply, end);
    while (reply.n && (reply.p[reply.n - 1] == '/' || reply.p[reply.n - 1] == ' '))
        reply.n--;
    return reply;
}

/* "(#5.1.1)" -> 5.1.1 */
static str
own_code(str words)
{
    size_t at = str_find(words, S("(#"));
    if (at == STR_NONE)
        return (str){ 0 };
    str code = str_cut(str_skip(words, at + 2), ')').head;
    return code.n >= 5 && code.n <= 9 && code.p[1] == '.' ? code : (str){ 0 };
}

static void
report_local(struct event *e, str words)
{
    size_t did = str_find(words, S("did "));
    str counts = did == STR_NONE ? (str){ 0 } : str_skip(words, did + 4);
    struct str_number files = str_cut_number(counts, 6);
    struct str_number forwards = str_cut_number(str_after(files.rest, '+'), 6);
    struct str_number programs = str_cut_number(str_after(forwards.rest, '+'), 6);
    size_t qp = str_find(words, S("/qp "));
    e->flags |= EVENT_LOCAL;
    if (!programs.ok || forwards.value == 0)
        return;
    if (files.value + programs.value == 0)
        e->flags &= ~(unsigned)EVENT_LOCAL; /* goes on as another message */
    if (qp != STR_NONE)
        EV(e, DETAIL) = str_cut(str_skip(words, qp + 4), '/').head;
}

void
qmail_report(struct event *e, str words, struct arena *a)
{
    (void)a;
    str reply = remote_words(words);
    bool sent = str_eq(EV(e, STATUS), S("success"));
    e->result = sent                                                               ? RESULT_SENT
                : !str_eq(EV(e, STATUS), S("failure"))                             ? RESULT_DEFERRED
                : str_has(words, S("this message has been in the queue too long")) ? RESULT_EXPIRED
                                                                                   : RESULT_BOUNCED;
    while (words.n && words.p[words.n - 1] == '/')
        words.n--;
    EV(e, REPLY) = reply.n ? reply : words;
    if (str_eq(EV(e, VIA), S("local"))) {
        if (sent)
            report_local(e, words);
    } else {
        EV(e, RELAY_IP) = peer_of(words);
    }
    event_parse_reply(e);
    if (EV(e, ENHANCED).n == 0)
        EV(e, ENHANCED) = own_code(words);
}
