/* Address lists (RFC 5322 3.4, with the obsolete forms of 4.4), as From and kin carry them.
 *
 * What DMARC protects is read here, so nothing is guessed away: a list with two
 * addresses gives two, a quoted "<x@y>" stays a name or a local part.  It does
 * not judge whether an address could receive mail. */
#include "message.h"

#include "buf.h"

enum {
    ADDRESS_MAX_LIST = 5000, /* addresses read of one field */
    ENCODED_WORD_MAX = 1000,
};

struct parser {
    struct arena *arena;
    str s;
    size_t at;
    struct buf name, spec; /* of the address being read: as a phrase, and without blanks and comments */
    str comment, angle;
    bool has_angle, has_at; /* has_at: spec has an @ */
    bool gap;               /* a blank or comment stood before the next token */
    struct address *list;
    size_t n, room;
};

/* "=?utf-8?q?Doe, Jane?=": one token, for senders leave commas in them; 0 if there is none. */
static size_t
encoded_word_length(str s)
{
    s = str_head(s, ENCODED_WORD_MAX);
    if (!str_starts(s, S("=?")))
        return 0;
    size_t marks = 0;
    for (size_t i = 2; i < s.n; i++) {
        if (s.p[i] == '<' || s.p[i] == '>' || s.p[i] == '"')
            return 0;
        if (s.p[i] == '?' && ++marks == 3)
            return i + 1 < s.n && s.p[i + 1] == '=' ? i + 2 : 0;
    }
    return 0;
}

static void
put_unquoted(struct buf *b, str quoted)
{
    size_t end = quoted.n > 1 && quoted.p[quoted.n - 1] == '"' ? quoted.n - 1 : quoted.n;
    for (size_t i = 1; i < end; i++) {
        if (quoted.p[i] == '\\' && i + 1 < end)
            i++;
        buf_char(b, quoted.p[i]);
    }
}

/* The part after the last @ that does not stand in quotes. */
static str
domain_of(str address)
{
    size_t at = STR_NONE;
    for (size_t i = 0; i < address.n; i++) {
        if (address.p[i] == '"')
            i += header_quoted_length(str_skip(address, i)) - 1;
        else if (address.p[i] == '@')
            at = i;
    }
    return at == STR_NONE ? (str){ 0 } : str_skip(address, at + 1);
}

static void
finish(struct parser *p)
{
    str name = str_trim(buf_str(&p->name)), spec = buf_str(&p->spec);
    struct address found = { 0 };
    if (p->has_angle) {
        found.address = p->angle;
        found.name = name.n ? arena_copy(p->arena, name) : p->comment;
    } else if (spec.n && (p->has_at || !str_has(name, S(" ")))) {
        found.address = arena_copy(p->arena, spec);
        found.name = p->comment;
    } else {
        found.name = arena_copy(p->arena, name);
    }
    if ((found.name.n || found.address.n) && p->n < ADDRESS_MAX_LIST) {
        found.name = header_decode(p->arena, found.name);
        found.domain = domain_of(found.address);
        ARENA_PUSH(p->arena, p->list, p->n, p->room) = found;
    }
    p->name.n = p->spec.n = 0;
    p->comment = p->angle = (str){ 0 };
    p->has_angle = p->has_at = p->gap = false;
}

/* "<...>" at p->at: the address in it, without blanks, comments and the route of RFC 5322 4.4. */
static void
read_angle(struct parser *p)
{
    struct buf b = { 0 };
    size_t i = p->at + 1;
    for (; i < p->s.n && p->s.p[i] != '>'; i++) {
        str rest = str_skip(p->s, i);
        size_t n = rest.p[0] == '"' ? header_quoted_length(rest) : 1;
        if (rest.p[0] == '(') {
            i += header_comment_length(rest) - 1;
            continue;
        }
        if (!str_is_space(rest.p[0]))
            buf_put(&b, rest.p, n);
        i += n - 1;
    }
    str spec = buf_str(&b);
    if (spec.n && spec.p[0] == '@' && str_has(spec, S(":")))
        spec = str_cut(spec, ':').tail;
    p->angle = arena_copy(p->arena, spec);
    p->has_angle = true;
    buf_free(&b);
    p->at = i + 1;
}

static void
put_token(struct parser *p, str token)
{
    if (p->gap && p->name.n)
        buf_char(&p->name, ' ');
    p->gap = false;
    buf_add(&p->spec, token);
    p->has_at |= token.p[0] == '@';
    if (token.p[0] == '"')
        put_unquoted(&p->name, token);
    else
        buf_add(&p->name, token);
    p->at += token.n;
}

static void
read_token(struct parser *p)
{
    str rest = str_skip(p->s, p->at);
    char c = rest.p[0];
    size_t word = c == '=' ? encoded_word_length(rest) : 0;
    if (str_is_space(c)) {
        p->gap = true;
        p->at++;
    } else if (c == '(') {
        size_t n = header_comment_length(rest);
        bool closed = n > 1 && rest.p[n - 1] == ')';
        p->comment = str_trim(str_of(rest.p + 1, n - 1 - closed));
        p->gap = true;
        p->at += n;
    } else if (c == ',' || c == ';') {
        finish(p);
        p->at++;
    } else if (c == ':' && !p->has_at) {
        p->name.n = p->spec.n = 0; /* the name of a group */
        p->at++;
    } else if (c == '<') {
        if (p->has_angle)
            finish(p); /* a second address without a comma between */
        read_angle(p);
    } else if (c == '"') {
        put_token(p, str_head(rest, header_quoted_length(rest)));
    } else if (c == '[') { /* domain literal: colons inside are no groups */
        size_t close = str_find_char(str_head(rest, 256), ']');
        put_token(p, str_head(rest, close == STR_NONE ? 1 : close + 1));
    } else {
        put_token(p, str_head(rest, word ? word : 1));
    }
}

size_t
address_parse_list(struct arena *a, str value, struct address **out)
{
    struct parser p = { .arena = a, .s = header_unfold(a, value) };
    while (p.at < p.s.n && p.n < ADDRESS_MAX_LIST)
        read_token(&p);
    finish(&p);
    buf_free(&p.name);
    buf_free(&p.spec);
    *out = p.list;
    return p.n;
}
