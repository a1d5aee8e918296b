/* Bounces in prose: qmail, Exim, Sendmail, Postfix and others without parts, and providers' own words.
 *
 * They have one thing in common: somewhere stands an address, and behind it why.  So one reader finds
 * the lines that begin with an address (or name one in a known phrase), takes what follows up to the
 * next for its words, and looks for an SMTP reply in them.  Which mails are notices at all, and of what,
 * dsn_notice.c says. */
#include "buf.h"
#include "dsn_notice.h"
#include "dsn_read.h"

enum {
    NOTICE_MAX = 256 << 10,
    REPLY_MAX = 2000,
    REPLY_LINES = 30,
    REPLIES_LOOKED_FOR = 200, /* by address, where the order does not tell */
};

/* Behind these words stands the address on the same line. */
static const char *const leads[] = {
    "Failed to deliver to ",
    "following message to ",
    "Unknown user: ",
    "User unknown: ",
    "Failed address: ",
    "wasn't delivered to ",
    "couldn't be delivered to ",
    "not be delivered to ",
    "undeliverable to ",
    "delivered to ",
    "Recipient: ",
    "Recipient address: ",
    "deliver mail to ",
    "deliver message to ",
    "message to ",
    "delivery to ",
    "mail to ",
    "mailbox ",
    "account ",
    "address ",
    "recipient ",
    "user ",
};

static bool
is_address_char(char c)
{
    return (unsigned char)c > 127 || str_is_alpha(c) || str_is_digit(c) ||
           strchr("!#$%&'*+-/=?^_`{|}~.@:", c);
}

/* The address at the start of s, in brackets or quotes or bare; *rest is what follows. */
static str
cut_address(str s, str *rest)
{
    char close = 0;
    while (s.n > 0 && strchr("<\"'(", s.p[0])) {
        close = s.p[0] == '<' ? '>' : s.p[0] == '(' ? ')' : s.p[0];
        s = str_skip(s, 1);
    }
    if (str_istarts(s, S("mailto:")))
        s = str_skip(s, 7);
    size_t n = 0;
    while (n < s.n && s.p[n] && s.p[n] != close && is_address_char(s.p[n]))
        n++;
    *rest = str_skip(s, n);
    while (n > 0 && strchr(".:'", s.p[n - 1])) /* of the sentence */
        *rest = str_skip(s, --n);
    str found = str_head(s, n);
    struct str_cut at = str_rcut(found, '@');
    bool host = at.tail.n > 0 && (str_find_char(at.tail, '.') != STR_NONE || at.tail.n > 3) &&
                str_find_char(at.tail, ':') == STR_NONE && str_find_char(at.tail, '/') == STR_NONE;
    if (!at.found || at.head.n == 0 || !host)
        return (str){ 0 };
    while (rest->n > 0 && strchr(">\"')", rest->p[0]))
        *rest = str_skip(*rest, 1);
    return found;
}

/* Of machines and senders, not of recipients. */
static bool
is_excluded(const struct report_parts *p, str address)
{
    static const char *const locals[] = { "mailer-daemon@", "postmaster@", "mailerdaemon@" };
    const struct message *m = p->mail;
    for (size_t i = 0; i < sizeof locals / sizeof *locals; i++)
        if (str_istarts(address, str_from(locals[i])))
            return true;
    if (m->nfrom && str_ieq(m->from[0].address, address))
        return true;
    struct address *list;
    struct arena a = { 0 };
    bool mine = str_ieq(m->delivered_to, address) ||
                (address_parse_list(&a, message_header_value(m, "To"), &list) > 0 &&
                 str_ieq(list[0].address, address));
    arena_free(&a);
    return mine;
}

/* What may stand behind an address that a line is about. */
static bool
ends_address(str rest)
{
    static const char *const follows[] = { ":",   " (",  " on ", ";",  " <mailto", ",",
                                           "...", " - ", "\t",   "  ", ". " };
    rest = str_trim_right(rest);
    if (rest.n == 0)
        return true;
    for (size_t i = 0; i < sizeof follows / sizeof *follows; i++)
        if (str_starts(rest, str_from(follows[i])))
            return true;
    return str_eq(rest, S("."));
}

/* The recipient that a line names, and what it says behind it. */
static str
recipient_of_line(str line, str *rest)
{
    static const char *const bullets[] = { "* ", "- ", "> ", "\xe2\x80\xa2 " };
    str s = str_trim(line);
    for (size_t i = 0; i < sizeof bullets / sizeof *bullets; i++)
        if (str_starts(s, str_from(bullets[i])))
            s = str_trim_left(str_skip(s, strlen(bullets[i])));
    str address = cut_address(s, rest);
    if (address.n)
        return ends_address(*rest) || s.p[0] == '<' ? address : (str){ 0 };
    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
        size_t at = str_ifind(s, str_from(leads[i]));
        if (at == STR_NONE)
            continue;
        address = cut_address(str_trim_left(str_skip(s, at + strlen(leads[i]))), rest);
        if (address.n)
            return address;
    }
    return (str){ 0 };
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
                                          "Original Message",
                                          "Reporting-MTA:",
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
    if (s.n > 0 && s.p[s.n - 1] == ')' && str_find_char(s, '(') == STR_NONE) /* of "(reason: 550 ...)" */
        s = str_trim_right(str_head(s, s.n - 1));
    return s;
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
        str name = str_trim_left(str_skip(words, from));
        size_t n = 0;
        while (n < name.n && !str_is_space(name.p[n]) && name.p[n] != '[' && name.p[n] != ':')
            n++;
        bool apart = from < words.n && str_is_space(words.p[from]);
        if (apart && n > 3 && str_find_char(str_head(name, n), '.') != STR_NONE)
            return at;
    }
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

/* What the words behind an address come down to: the SMTP reply if they hold one, else their first
 * paragraph; in one line. */
static str
reply_of(struct arena *a, str words)
{
    size_t code = dsn_find_reply(words);
    str s = words;
    size_t said = code == STR_NONE ? STR_NONE : named_host(str_head(words, code));
    if (code != STR_NONE)
        s = str_skip(words, said != STR_NONE && code - said < 300 ? said : code);
    else
        s = skip_lead_in(words);
    struct buf b = { 0 };
    size_t lines = 0;
    bool reached = code == STR_NONE;
    while (s.n > 0 && lines < REPLY_LINES) {
        struct str_cut c = str_cut(s, '\n');
        str line = str_trim(c.head);
        reached |= dsn_find_reply(line) != STR_NONE;
        if ((line.n == 0 && reached) || is_break(line) || (b.n && str_starts(line, S("(expanded from"))))
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

str
dsn_reply_in_text(struct arena *a, str text, str address)
{
    size_t at = address.n ? str_ifind(text, address) : STR_NONE;
    if (at == STR_NONE)
        return (str){ 0 };
    str words = str_head(str_skip(text, at + address.n), NOTICE_MAX);
    while (words.n > 0 && strchr(">:\"')", words.p[0]))
        words = str_skip(words, 1);
    return reply_of(a, words);
}

/* Recipients of the text ------------------------------------------------------------------------------ */

struct reading {
    struct arena *a;
    const struct report_parts *p;
    struct dsn *d;
    size_t room;
};

static struct dsn_recipient *
recipient_for(struct reading *r, str address)
{
    for (size_t i = 0; i < r->d->nrecipients; i++)
        if (str_ieq(r->d->recipients[i].final_recipient, address))
            return &r->d->recipients[i];
    if (r->d->nrecipients >= DSN_MAX_RECIPIENTS)
        return NULL;
    ARENA_PUSH(r->a, r->d->recipients, r->d->nrecipients, r->room) = (struct dsn_recipient){
        .final_recipient = address, .last_attempt_at = WHEN_NONE, .will_retry_until = WHEN_NONE
    };
    return &r->d->recipients[r->d->nrecipients - 1];
}

/* "(expanded from <a@b>)", "(generated from a@b)": what the recipient was before. */
static void
take_origin(struct dsn_recipient *r, str words)
{
    static const char *const marks[] = { "expanded from: ", "expanded from ", "generated from ",
                                         "derived from " };
    str rest;
    for (size_t i = 0; i < sizeof marks / sizeof *marks && r->original_recipient.n == 0; i++) {
        size_t at = str_find(str_head(words, 400), str_from(marks[i]));
        if (at != STR_NONE)
            r->original_recipient = cut_address(str_skip(words, at + strlen(marks[i])), &rest);
    }
}

/* Each line that names a recipient, with all that stands behind it up to the next. */
static void
read_text(struct reading *r, str text)
{
    struct dsn_recipient *open = NULL;
    str words = { 0 };
    for (str rest = text; rest.n > 0;) {
        struct str_cut c = str_cut(rest, '\n');
        str behind, address = recipient_of_line(c.head, &behind);
        bool ours = address.n > 0 && !is_excluded(r->p, address);
        bool transcript = str_starts(str_trim(c.head), S(">>>")) || str_starts(str_trim(c.head), S("<<<"));
        if (ours && !transcript) {
            struct dsn_recipient *next = recipient_for(r, address);
            if (next != open) {
                if (open && open->reply.n == 0)
                    open->reply = reply_of(r->a, str_head(words, (size_t)(c.head.p - words.p)));
                open = next;
                words = str_of(behind.p, (size_t)(text.p + text.n - behind.p));
                if (open)
                    take_origin(open, words);
            }
        }
        rest = c.tail;
    }
    if (open && open->reply.n == 0)
        open->reply = reply_of(r->a, words);
}

static void
read_failed_recipients(struct reading *r)
{
    size_t at = 0;
    struct address *list;
    for (const struct header *h; (h = message_header(r->p->mail, "X-Failed-Recipients", &at));) {
        size_t n = address_parse_list(r->a, h->value, &list);
        for (size_t i = 0; i < n; i++)
            if (list[i].address.n)
                recipient_for(r, list[i].address);
    }
}

/* "bounces+user=example.org@sender.example": the recipient in the address that the bounce came to. */
static void
read_verp(struct reading *r)
{
    str local = str_rcut(r->p->mail->delivered_to, '@').head;
    size_t mark = str_find_char(local, '+');
    if (mark == STR_NONE)
        mark = str_find_char(local, '-');
    str coded = mark == STR_NONE ? (str){ 0 } : str_skip(local, mark + 1);
    struct str_cut c = str_rcut(coded, '=');
    if (c.found && c.head.n && str_find_char(c.tail, '.') != STR_NONE)
        recipient_for(r, arena_join(r->a, c.head, S("@"), c.tail));
}

/* The text that tells: the first leaf for people that is not the message returned. */
static str
notice_of(struct arena *a, const struct report_parts *p)
{
    static const char *const plain[] = { "text/plain", NULL }, *const html[] = { "text/html", NULL };
    size_t i = report_part_of_type(p, 0, plain);
    if (i == STR_NONE || p->parts[i].nested.n)
        i = report_part_of_type(p, 0, html);
    if (i == STR_NONE || p->parts[i].nested.n)
        return (str){ 0 };
    str text = str_head(report_text(a, &p->parts[i]), NOTICE_MAX);
    size_t copy = report_find_headers(text);
    return copy == STR_NONE ? text : str_head(text, copy);
}

static str
host_of_reply(str reply)
{
    size_t at = named_host(reply), n = 0;
    if (at != 0)
        return (str){ 0 };
    str name = str_trim_left(str_skip(reply, 4));
    while (n < name.n && !str_is_space(name.p[n]) && name.p[n] != '[' && name.p[n] != ':')
        n++;
    return str_head(name, n);
}

bool
dsn_from_prose(struct arena *a, const struct report_parts *p, struct dsn *d)
{
    static const char *const receipts[] = { "message/disposition-notification", NULL };
    struct reading r = { .a = a, .p = p, .d = d };
    struct dsn_notice notice;
    enum dsn_sender sender = dsn_sender_of(a, p->mail);
    if (sender == DSN_NO_MACHINE || report_part_of_type(p, 0, receipts) != STR_NONE)
        return false;
    str text = notice_of(a, p);
    if (text.n == 0 || !dsn_notice_find(a, sender, text, &notice))
        return false;
    d->form = notice.form;
    read_failed_recipients(&r);
    read_text(&r, text);
    if (d->nrecipients == 0)
        read_verp(&r);
    for (size_t i = 0; i < d->nrecipients; i++) {
        struct dsn_recipient *to = &d->recipients[i];
        to->action = notice.action;
        if (to->reply.n == 0 && i < REPLIES_LOOKED_FOR)
            to->reply = dsn_reply_in_text(a, text, to->final_recipient);
        to->remote_mta = host_of_reply(to->reply);
        if (to->reply.n == 0 && d->nrecipients == 1 && dsn_find_reply(text) != STR_NONE)
            to->reply = reply_of(a, str_skip(text, dsn_find_reply(text)));
    }
    return d->nrecipients > 0;
}
