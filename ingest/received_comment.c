/* Comments of Received fields: where MTAs say HELO, address, PTR name, TLS and login.
 *
 * Every MTA has its own form; what tells them apart are the words before a
 * value, kept in a table.  Which clause a comment belongs to is received.c's
 * business. */
#include <arpa/inet.h>

#include "received_token.h"

enum { COMMENT_MAX_DEPTH = 3 };

static size_t
matching_end(str s, char open, char close)
{
    size_t depth = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\' && open == '(')
            i++;
        else if (s.p[i] == open)
            depth++;
        else if (s.p[i] == close && --depth == 0)
            return i;
    }
    return STR_NONE;
}

static size_t
word_length(str s)
{
    size_t n = 0;
    while (n < s.n && !str_is_space(s.p[n]) && !memchr("()<>[];\"", s.p[n], 8)) {
        if (s.p[n] == ',' && (n + 1 == s.n || str_is_space(s.p[n + 1])))
            break;
        n++;
    }
    return n;
}

/* <...>, [...] and "..." are short; without an end they go on to the next blank. */
static struct token
cut_enclosed(str *s, enum token_kind kind, char open, char close)
{
    enum { ENCLOSED_MAX = 1000 };
    struct token t = { .kind = kind, .from_here = *s };
    str near = str_head(*s, ENCLOSED_MAX);
    size_t end = open == close ? str_find_char(str_skip(near, 1), close) : matching_end(near, open, close);
    if (open == close && end != STR_NONE)
        end++;
    if (end == STR_NONE) {
        str rest = str_skip(*s, 1);
        size_t n = word_length(rest);
        t.text = str_head(rest, n);
        *s = str_skip(rest, n);
        return t;
    }
    t.text = str_trim(str_of(s->p + 1, end - 1));
    *s = str_skip(*s, end + 1);
    return t;
}

static struct token
cut_comment(str *s)
{
    struct token t = { .kind = TOKEN_COMMENT, .from_here = *s };
    size_t end = matching_end(*s, '(', ')');
    size_t inner = end == STR_NONE ? s->n - 1 : end - 1;
    t.text = str_trim(str_of(s->p + 1, inner));
    *s = str_skip(*s, inner + 2);
    return t;
}

struct token
token_cut(str *s)
{
    while (s->n > 0 && (str_is_space(s->p[0]) || memchr(")]>,", s->p[0], 4)))
        *s = str_skip(*s, 1);
    if (s->n == 0)
        return (struct token){ .kind = TOKEN_END };
    struct token t = { .kind = TOKEN_WORD, .from_here = *s };
    switch (s->p[0]) {
    case '(': t = cut_comment(s); break;
    case '[': t = cut_enclosed(s, TOKEN_BRACKET, '[', ']'); break;
    case '<': t = cut_enclosed(s, TOKEN_ANGLE, '<', '>'); break;
    case '"': t = cut_enclosed(s, TOKEN_QUOTED, '"', '"'); break;
    case ';':
        t.kind = TOKEN_SEMICOLON;
        t.text = str_head(*s, 1);
        *s = str_skip(*s, 1);
        break;
    default: {
        size_t n = word_length(*s);
        t.text = str_head(*s, n);
        *s = str_skip(*s, n);
    }
    }
    t.comma = s->n > 0 && s->p[0] == ',';
    return t;
}

str
ip_text(struct arena *a, str word)
{
    unsigned char bytes[16];
    char text[INET6_ADDRSTRLEN + 32], out[INET6_ADDRSTRLEN];
    if (word.n > 0 && word.p[0] == '(')
        word = str_trim(str_unwrap(word, '(', ')'));
    if (str_istarts(word, S("IPv6:")))
        word = str_skip(word, 5);
    size_t colon = str_find_char(word, ':');
    if (colon != STR_NONE && str_has(str_head(word, colon), S("."))) /* 192.0.2.1:25 */
        word = str_head(word, colon);
    word = str_cut(word, '%').head;
    if (word.n == 0 || word.n >= sizeof text)
        return (str){ 0 };
    memcpy(text, word.p, word.n);
    text[word.n] = '\0';
    int family = str_has(word, S(":")) ? AF_INET6 : AF_INET;
    if (strlen(text) != word.n || inet_pton(family, text, bytes) != 1 ||
        !inet_ntop(family, bytes, out, sizeof out))
        return (str){ 0 };
    return arena_copy(a, str_from(out));
}

str
tls_version_of(struct arena *a, str word)
{
    word = str_cut(word, '/').head;
    bool ssl = str_istarts(word, S("SSL"));
    if (!ssl && !str_istarts(word, S("TLS")))
        return (str){ 0 };
    str rest = str_skip(word, 3);
    while (rest.n > 0 && (str_lower_char(rest.p[0]) == 'v' || rest.p[0] == '-' || rest.p[0] == '_'))
        rest = str_skip(rest, 1);
    struct str_number major = str_cut_number(rest, 1);
    if (!major.ok)
        return (str){ 0 };
    struct str_number minor = { 0 };
    rest = major.rest;
    if (rest.n > 0 && (rest.p[0] == '.' || rest.p[0] == '_')) {
        minor = str_cut_number(str_skip(rest, 1), 1);
        if (!minor.ok)
            return (str){ 0 };
        rest = minor.rest;
    }
    if (rest.n > 0)
        return (str){ 0 };
    if (ssl)
        return arena_printf(a, "SSLv%d", (int)major.value);
    return arena_printf(a, "TLSv%d.%d", (int)major.value, (int)minor.value);
}

/* "OTHER" and "none" are no names of ciphers. */
static void
set_cipher(struct received *r, str word)
{
    if (r->tls_cipher.n == 0 && word.n > 2 && !str_ieq(word, S("OTHER")) && !str_ieq(word, S("none")))
        r->tls_cipher = word;
}

/* "TLSv1.3", or with the cipher: "TLS-1.0:RSA_AES_256_CBC_SHA:32". */
static bool
set_version(struct arena *a, struct received *r, str word)
{
    struct str_cut c = str_cut(word, ':');
    str version = tls_version_of(a, c.head);
    if (version.n == 0)
        return false;
    if (r->tls_version.n == 0)
        r->tls_version = version;
    set_cipher(r, str_cut(c.tail, ':').head);
    return true;
}

void
received_tls_word(struct arena *a, struct tls_words *t, str word, struct received *r)
{
    struct str_cut comma = str_cut(word, ',');
    for (; word.n > 0; word = comma.tail, comma = str_cut(word, ',')) {
        str w = comma.head;
        if (str_istarts(w, S("version="))) {
            set_version(a, r, str_skip(w, 8));
        } else if (str_istarts(w, S("cipher="))) {
            set_cipher(r, str_skip(w, 7));
        } else if (str_ieq(w, S("cipher")) || str_ieq(w, S("tls_cipher")) || str_ieq(w, S("tls"))) {
            t->cipher_next = true;
            continue;
        } else if (!set_version(a, r, w) && (t->cipher_next || t->bits_seen)) {
            set_cipher(r, w);
            t->bits_seen = false;
        }
        t->cipher_next = false;
        if (r->tls_version.n > 0 && str_ends(w, S("bits"))) /* Courier: "TLSv1.3,256bits,NAME" */
            t->bits_seen = true;
    }
}

/* What the word before says of the next value. */
enum expect { NOTHING, HELO, IDENT, RDNS, LOGIN, COURIER_LOGIN, LOGIN_HOW, UID, IGNORED };
static const struct {
    const char *before, *word; /* before: the word that must precede, or NULL */
    enum expect expect;
} cues[] = {
    { NULL, "HELO", HELO },
    { NULL, "EHLO", HELO },
    { NULL, "LHLO", HELO },
    { NULL, "helo=", HELO },
    { NULL, "ehlo=", HELO },
    { NULL, "ident=", IDENT },
    { NULL, "IDENT:", IDENT },
    { NULL, "rdns=", RDNS },
    { NULL, "account", LOGIN },            /* CommuniGate */
    { NULL, "AUTH:", COURIER_LOGIN },      /* "AUTH: PLAIN user," or "AUTH: user" */
    { "authenticated", "sender:", LOGIN }, /* Postfix */
    { "authenticated", "user", LOGIN },
    { "authenticated", "as", LOGIN },
    { NULL, "auth_user=", LOGIN },
    { NULL, "user=", LOGIN },  /* OpenSMTPD */
    { "from", "userid", UID }, /* Postfix, mail handed in on the host */
    { NULL, "uid", UID },
    { NULL, "envelope-from", IGNORED }, /* addresses of the envelope are no user names */
    { NULL, "envelope-sender", IGNORED },
    { NULL, "port=", IGNORED },
};

struct comment {
    struct arena *arena;
    struct received *r;
    bool peer;
    enum expect expect;
    str before; /* the word before */
    size_t at;  /* tokens read */
    struct tls_words tls;
};

static void
set_once(str *field, str value)
{
    if (field->n == 0)
        *field = value;
}

static bool
is_hostname(str s)
{
    if (s.n > 0 && s.p[s.n - 1] == '.')
        s.n--;
    size_t dot = str_rfind_char(s, '.');
    if (dot == STR_NONE || dot + 1 >= s.n || !str_is_alpha(s.p[dot + 1]))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!str_is_alpha(s.p[i]) && !str_is_digit(s.p[i]) && !memchr(".-_", s.p[i], 3))
            return false;
    return true;
}

static bool
take_expected(struct comment *c, struct token t)
{
    enum expect expect = c->expect;
    str literal = t.kind == TOKEN_BRACKET ? ip_text(c->arena, t.text) : (str){ 0 };
    str value = literal.n ? literal : t.text;
    struct received *r = c->r;
    c->expect = NOTHING;
    switch (expect) {
    case NOTHING: return false;
    case IGNORED: break;
    case LOGIN: set_once(&r->auth_user, value); break;
    case COURIER_LOGIN:
        r->auth_user = value; /* the method, where another word follows before the comma */
        if (!t.comma)
            c->expect = COURIER_LOGIN;
        break;
    case LOGIN_HOW: break;
    case UID:
        if (str_digits(value))
            set_once(&r->from_ident, arena_printf(c->arena, "uid %.*s", PRSTR(value)));
        break;
    case HELO:
        if (c->peer)
            set_once(&r->from_helo, value);
        break;
    case IDENT:
        if (c->peer)
            set_once(&r->from_ident, value);
        break;
    case RDNS:
        if (c->peer)
            set_once(&r->from_rdns, value);
        break;
    }
    return true;
}

/* A cue, alone or with its value glued to it. */
static bool
take_cue(struct comment *c, struct token t)
{
    for (size_t i = 0; i < sizeof cues / sizeof *cues; i++) {
        str cue = str_from(cues[i].word);
        bool glued = cue.p[cue.n - 1] == '=' || str_eq(cue, S("IDENT:"));
        if (glued ? !str_istarts(t.text, cue) : !str_ieq(t.text, cue))
            continue;
        if (cues[i].before && !str_ieq(c->before, str_from(cues[i].before)))
            continue;
        c->expect = cues[i].expect;
        if (t.text.n > cue.n) {
            t.text = str_skip(t.text, cue.n);
            take_expected(c, t);
        }
        return true;
    }
    return false;
}

/* "user@host", "user@192.0.2.1" (qmail), "user@" before "[192.0.2.1]". */
static void
take_user(struct comment *c, str word)
{
    size_t at = str_rfind_char(word, '@');
    str ip = ip_text(c->arena, str_skip(word, at + 1));
    set_once(&c->r->from_ident, at + 1 == word.n ? str_head(word, at) : word);
    set_once(&c->r->from_ip, ip);
}

static void
take_peer(struct comment *c, struct token t)
{
    struct received *r = c->r;
    str ip = ip_text(c->arena, t.text);
    if (ip.n > 0)
        set_once(&r->from_ip, ip);
    else if (str_has(t.text, S("@")) && t.text.n > 1)
        take_user(c, str_trim(t.text.p[0] == '<' ? str_unwrap(t.text, '<', '>') : t.text));
    else if (c->at == 0 && t.kind != TOKEN_BRACKET && is_hostname(t.text))
        set_once(&r->from_rdns, t.text);
    else if (str_ieq(t.text, S("with")) && str_has(c->before, S("@"))) /* Yahoo: "user@ip with login" */
        set_once(&r->auth_user, str_rcut(c->before, '@').head);
}

static void
read_comment(struct comment *c, str s, int depth)
{
    for (struct token t = token_cut(&s); t.kind != TOKEN_END; t = token_cut(&s)) {
        if (t.kind == TOKEN_SEMICOLON)
            continue;
        if (t.kind == TOKEN_COMMENT) {
            if (depth < COMMENT_MAX_DEPTH)
                read_comment(c, t.text, depth + 1);
            continue;
        }
        bool taken = take_expected(c, t) || (t.kind == TOKEN_WORD && take_cue(c, t));
        if (!taken && c->peer)
            take_peer(c, t);
        received_tls_word(c->arena, &c->tls, t.text, c->r);
        c->before = t.text;
        c->at++;
    }
}

void
received_comment(struct arena *a, str comment, bool peer, struct received *r)
{
    struct comment c = { .arena = a, .r = r, .peer = peer };
    read_comment(&c, comment, 0);
}
