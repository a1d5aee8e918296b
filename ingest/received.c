/* Received fields, clause by clause.
 *
 * A field is read once from left to right; a keyword opens a clause, the first
 * word after it is its value, the rest of the clause are comments and noise.
 * It does not judge which hosts tell the truth, nor put hops in order. */
#include "received_token.h"

#include "buf.h"

enum clause {
    CLAUSE_NONE,
    CLAUSE_FROM,
    CLAUSE_BY,
    CLAUSE_VIA,
    CLAUSE_WITH,
    CLAUSE_ID,
    CLAUSE_FOR,
    CLAUSE_OTHER
};
enum { CLAUSE_COUNT = CLAUSE_OTHER + 1, DATE_MAX_BYTES = 120 };

static const struct {
    const char *word;
    enum clause clause;
} keywords[] = {
    { "from", CLAUSE_FROM }, { "by", CLAUSE_BY }, { "via", CLAUSE_VIA },
    { "with", CLAUSE_WITH }, { "id", CLAUSE_ID }, { "for", CLAUSE_FOR },
};

/* Words of a with-clause that name a protocol; means NULL: RFC 3848's and kin, in capitals. */
static const struct {
    const char *word, *means;
} protocols[] = {
    { "SMTP", NULL },          { "ESMTP", NULL },     { "ESMTPS", NULL },    { "ESMTPA", NULL },
    { "ESMTPSA", NULL },       { "LMTP", NULL },      { "LMTPS", NULL },     { "LMTPA", NULL },
    { "LMTPSA", NULL },        { "SMTPS", NULL },     { "SMTPA", NULL },     { "SMTPSA", NULL },
    { "UTF8SMTP", NULL },      { "UTF8SMTPS", NULL }, { "UTF8SMTPA", NULL }, { "UTF8SMTPSA", NULL },
    { "UTF8LMTP", NULL },      { "UTF8LMTPS", NULL }, { "UTF8LMTPA", NULL }, { "UTF8LMTPSA", NULL },
    { "HTTP", NULL },          { "HTTPS", NULL },     { "IMAP", NULL },      { "IMAPS", NULL },
    { "POP3", NULL },          { "POP3S", NULL },     { "UUCP", NULL },      { "MMS", NULL },
    { "local", "local" },      { "BSMTP", "SMTP" },   /* SMTP in a file */
    { "SMTPSVC", "SMTP" },                            /* Microsoft's service */
    { "HTTPREST", "HTTP" },                           /* Gmail's API */
    { "ESMTP-TLS", "ESMTPS" },                        /* CommuniGate */
    { "SMTP-TLS", "SMTPS" },   { "ASMTP", "ESMTPA" }, /* Exim before 4.5 */
};

struct reader {
    struct arena *arena;
    struct received *r;
    enum clause clause;
    bool seen[CLAUSE_COUNT];
    bool has_value;  /* of the clause */
    str before;      /* the word before */
    struct buf with; /* the words of the with-clause */
    struct tls_words tls;
    bool dated;
};

static str
protocol_word(struct arena *a, str word)
{
    word = str_cut(word, '/').head;
    if (str_istarts(word, S("local-"))) /* Exim: handed in on the host, in that protocol */
        word = str_skip(word, 6);
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
        if (str_ieq(word, str_from(protocols[i].word)))
            return arena_copy(a, str_from(protocols[i].means ? protocols[i].means : protocols[i].word));
    return (str){ 0 };
}

struct when_result
date_of_ctime(struct arena *a, str s)
{
    str word[6] = { { 0 } };
    size_t n = 0;
    while (n < 6) {
        s = str_trim_left(s);
        size_t end = 0;
        while (end < s.n && !str_is_space(s.p[end]))
            end++;
        if (end == 0)
            break;
        word[n++] = str_head(s, end);
        s = str_skip(s, end);
    }
    bool zone_first = n > 5 && !str_digits(word[4]);
    str year = zone_first ? word[5] : word[4], zone = zone_first ? word[4] : word[5];
    if (n < 5 || !str_digits(word[2]) || !str_digits(year))
        return (struct when_result){ .at = WHEN_NONE };
    return when_rfc5322(arena_printf(a, "%.*s %.*s %.*s %.*s %.*s", PRSTR(word[2]), PRSTR(word[1]),
                                     PRSTR(year), PRSTR(word[3]), PRSTR(zone)));
}

/* "2018-08-01 13:45:10.3 +0000 UTC", as Go prints it. */
static struct when_result
go_date(struct arena *a, str s)
{
    struct when_result d = when_rfc3339(s);
    if (!d.ok || d.zoned || d.rest.n < 6 || d.rest.p[0] != ' ')
        return d;
    str stamp = str_head(s, s.n - d.rest.n);
    struct when_result zoned =
        when_rfc3339(arena_join(a, stamp, (str){ 0 }, str_head(str_skip(d.rest, 1), 5)));
    if (!zoned.ok || !zoned.zoned)
        return d;
    zoned.rest = str_skip(d.rest, 6);
    return zoned;
}

struct when_result
date_of_any(struct arena *a, str s)
{
    struct when_result d = when_rfc5322(s);
    if (!d.ok)
        d = go_date(a, s);
    if (!d.ok) {
        d = date_of_ctime(a, s);
        d.rest = str_skip(s, s.n);
    }
    return d;
}

/* The date at the start of s; true if there is one. */
static bool
read_date(struct reader *rd, str *s)
{
    str text = str_head(*s, DATE_MAX_BYTES);
    while (text.n > 0 && !str_is_alpha(text.p[0]) && !str_is_digit(text.p[0]) && text.p[0] != '(')
        text = str_skip(text, 1);
    struct when_result d = date_of_any(rd->arena, text);
    if (!d.ok)
        return false;
    rd->r->at = d.at;
    rd->r->offset_s = d.offset_s;
    rd->r->zone_assumed = !d.zoned;
    rd->dated = true;
    if (d.rest.p >= s->p && d.rest.p <= s->p + s->n)
        *s = str_skip(*s, (size_t)(d.rest.p - s->p));
    return true;
}

/* Some hosts forget the semicolon before the date. */
static bool
looks_dated(str s)
{
    static const char days[] = "MonTueWedThuFriSatSun";
    for (size_t i = 0; i < 7; i++)
        if (str_istarts(s, str_of(days + 3 * i, 3)) && s.n > 3 && s.p[3] == ',')
            return true;
    return s.n > 10 && str_is_digit(s.p[0]) && s.p[4] == '-' && s.p[7] == '-' && s.p[10] == ' ';
}

static bool
open_clause(struct reader *rd, str word)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        if (!str_ieq(word, str_from(keywords[i].word)))
            continue;
        enum clause clause = keywords[i].clause;
        rd->clause = rd->seen[clause] ? CLAUSE_OTHER : clause; /* "from <sender>" behind the rest */
        rd->seen[clause] = true;
        rd->has_value = false;
        return true;
    }
    return false;
}

/* An address literal's address, else the text itself. */
static str
plain_host(struct arena *a, struct token t)
{
    str ip = t.kind == TOKEN_BRACKET ? ip_text(a, t.text) : (str){ 0 };
    return ip.n > 0 ? ip : t.text;
}

static void
from_token(struct reader *rd, struct token t, bool first)
{
    struct received *r = rd->r;
    if (first) {
        if (t.text.n == 0 || t.text.p[0] != '<') /* "[<id@host>]" names no host */
            r->from_name = plain_host(rd->arena, t);
    } else if (t.kind == TOKEN_BRACKET && r->from_ip.n == 0) {
        r->from_ip = ip_text(rd->arena, t.text);
    } else if (t.kind == TOKEN_QUOTED && str_ieq(rd->before, S("be"))) { /* claiming to be "name" */
        r->from_helo = t.text;
    } else if (str_ieq(rd->before, S("user"))) { /* "as user name": webmail */
        r->auth_user = r->from_ident = t.text;
    }
}

static void
with_token(struct reader *rd, struct token t)
{
    struct received *r = rd->r;
    str rest = t.text;
    if (str_istarts(t.text, S("user="))) {
        r->auth_user = str_skip(t.text, 5);
        return;
    }
    for (struct token w = token_cut(&rest); w.kind != TOKEN_END; w = token_cut(&rest)) { /* [two words] */
        if (r->protocol.n == 0)
            r->protocol = protocol_word(rd->arena, w.text);
        struct str_cut first = str_cut(w.text, '/'), second = str_cut(first.tail, '/');
        if (second.found && str_ieq(second.head, S("TLS"))) /* "ESMTP/TLS/CIPHER" */
            r->tls_cipher = second.tail;
        received_tls_word(rd->arena, &rd->tls, w.text, r);
    }
    if (rd->with.n > 0)
        buf_char(&rd->with, ' ');
    buf_add(&rd->with, t.text);
}

static void
id_token(struct reader *rd, struct token t, bool first)
{
    if (first)
        rd->r->id = t.text;
    else if (str_istarts(t.text, S("user="))) /* OpenSMTPD: "id 5db34e0d (TLS...) auth=yes user=jane" */
        rd->r->auth_user = str_skip(t.text, 5);
    else
        received_tls_word(rd->arena, &rd->tls, t.text, rd->r);
}

static void
value_token(struct reader *rd, struct token t)
{
    bool first = !rd->has_value;
    struct received *r = rd->r;
    rd->has_value = true;
    switch (rd->clause) {
    case CLAUSE_FROM: from_token(rd, t, first); break;
    case CLAUSE_BY:
        if (first)
            r->by = plain_host(rd->arena, t);
        break;
    case CLAUSE_VIA:
        if (first)
            r->via = t.text;
        break;
    case CLAUSE_WITH: with_token(rd, t); break;
    case CLAUSE_ID: id_token(rd, t, first); break;
    case CLAUSE_FOR: /* "<multiple recipients>" is no address */
        if (first && !str_has(t.text, S(" ")))
            r->for_address = t.text;
        break;
    case CLAUSE_NONE:
    case CLAUSE_OTHER: /* qmail-scanner: "by alpha by uid 7791" */
        if (str_ieq(rd->before, S("uid")) && str_digits(t.text) && r->from_ident.n == 0)
            r->from_ident = arena_printf(rd->arena, "uid %.*s", PRSTR(t.text));
        break;
    }
    /* "AES256-GCM-SHA384 encrypted SMTP" */
    if (str_ieq(t.text, S("encrypted")) && r->tls_cipher.n == 0 && str_has(rd->before, S("-")))
        r->tls_cipher = rd->before;
    rd->before = t.text;
}

static void read_fields(struct reader *, str s, int depth);

static void
comment_token(struct reader *rd, struct token t, int depth)
{
    bool alone = rd->clause == CLAUSE_NONE;
    if (alone && depth == 0 && str_istarts(t.text, S("from ")))
        read_fields(rd, t.text, 1); /* Sendmail's "(from user@host) by ..." */
    else
        received_comment(rd->arena, t.text, rd->clause == CLAUSE_FROM, rd->r);
}

static void
read_fields(struct reader *rd, str s, int depth)
{
    for (str here = s; s.n > 0; here = s) {
        struct token t = token_cut(&s);
        if (t.kind == TOKEN_END)
            break;
        if (t.kind == TOKEN_SEMICOLON) {
            if (!rd->dated && read_date(rd, &s))
                rd->clause = CLAUSE_OTHER;
        } else if (t.kind == TOKEN_COMMENT) {
            comment_token(rd, t, depth);
        } else if (t.kind == TOKEN_WORD && !rd->dated && looks_dated(t.from_here) &&
                   read_date(rd, &t.from_here)) {
            s = t.from_here;
        } else if (t.kind != TOKEN_WORD || !open_clause(rd, t.text)) {
            value_token(rd, t);
        }
        if (s.n >= here.n) /* every token takes something */
            break;
    }
}

bool
received_parse(struct arena *a, str value, struct received *r)
{
    *r = (struct received){ .at = WHEN_NONE };
    struct reader rd = { .arena = a, .r = r };
    read_fields(&rd, header_unfold(a, str_head(value, RECEIVED_MAX_BYTES)), 0);
    if (r->protocol.n == 0 && rd.with.n > 0)
        r->protocol = arena_copy(a, buf_str(&rd.with));
    buf_free(&rd.with);
    return r->at != WHEN_NONE || r->by.n > 0 || r->from_name.n > 0 || r->from_ip.n > 0 || r->id.n > 0;
}
