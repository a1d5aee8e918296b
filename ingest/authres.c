/* Recorded authentication results, as the RFCs have it and as they are sent.
 *
 * Outlook.com leaves the authserv-id out, others repeat it or end in a stray
 * semicolon; values hold "=", "/" and ":" without quotes.  Comments are skipped
 * and never searched for results: whoever chose a domain or a user name could
 * have written there.  It does not decide whose word counts. */
#include "authres.h"

#include "buf.h"

struct scan {
    struct arena *arena;
    str s;
    str comment; /* the last one skipped */
};

static void
skip_cfws(struct scan *sc)
{
    while (sc->s.n > 0 && (str_is_space(sc->s.p[0]) || sc->s.p[0] == '(')) {
        size_t n = sc->s.p[0] == '(' ? header_comment_length(sc->s) : 1;
        if (sc->s.p[0] == '(')
            sc->comment = str_trim(str_of(sc->s.p + 1, n > 1 && sc->s.p[n - 1] == ')' ? n - 2 : n - 1));
        sc->s = str_skip(sc->s, n);
    }
}

static bool
next_is(const struct scan *sc, char c)
{
    return sc->s.n > 0 && sc->s.p[0] == c;
}

static str
take(struct scan *sc, size_t n)
{
    str word = str_head(sc->s, n);
    sc->s = str_skip(sc->s, n);
    return word;
}

/* A method, a result, a property's name: up to a blank or any of "=;(". */
static str
cut_name(struct scan *sc)
{
    size_t n = 0;
    while (n < sc->s.n && !str_is_space(sc->s.p[n]) && !memchr("=;(", sc->s.p[n], 3))
        n++;
    return take(sc, n);
}

static str
cut_quoted(struct scan *sc)
{
    size_t end = 1, n = 0;
    while (end < sc->s.n && sc->s.p[end] != '"')
        end += sc->s.p[end] == '\\' && end + 1 < sc->s.n ? 2 : 1;
    char *out = arena_alloc(sc->arena, end);
    for (size_t i = 1; i < end && i < sc->s.n; i++) {
        if (sc->s.p[i] == '\\' && i + 1 < end)
            i++;
        out[n++] = sc->s.p[i];
    }
    sc->s = str_skip(sc->s, end + 1);
    return str_of(out, n);
}

/* Whether the parenthesis at the start of s opens a comment: a plain one, closed before a blank, a semicolon or the end.
 * Any other belongs to the value that it is glued to: whoever chose a domain could have written it there to hide the rest
 * of a field. */
static bool
is_comment(str s)
{
    size_t n = header_comment_length(s);
    for (size_t i = 0; i < n; i++)
        if (s.p[i] == ';' || s.p[i] == '=')
            return false;
    return s.p[n - 1] == ')' && (n == s.n || str_is_space(s.p[n]) || s.p[n] == ';');
}

/* A property's value.  A quoted local part stays quoted, with its domain. */
static str
cut_value(struct scan *sc)
{
    str start = sc->s;
    if (next_is(sc, '"')) {
        str text = cut_quoted(sc);
        if (!next_is(sc, '@'))
            return text;
        cut_name(sc);
        return str_head(start, start.n - sc->s.n);
    }
    size_t n = 0;
    bool looked = false;
    for (; n < sc->s.n && !str_is_space(sc->s.p[n]) && sc->s.p[n] != ';'; n++) {
        if (n == 0 || sc->s.p[n] != '(' || looked)
            continue;
        if (is_comment(str_skip(sc->s, n)))
            break;
        looked = true;
    }
    str value = take(sc, n);
    str inner = str_unwrap(value, '<', '>');
    return inner.p ? inner : value;
}

/* A name of two parts, between which white space and comments may stand: ptype "." property, method "/" version. */
static str
cut_parts(struct scan *sc, char joint)
{
    str name = cut_name(sc), more;
    for (skip_cfws(sc); name.n && (next_is(sc, joint) || name.p[name.n - 1] == joint); skip_cfws(sc)) {
        if ((more = cut_name(sc)).n == 0)
            break;
        name = arena_join(sc->arena, name, S(""), more);
    }
    return name;
}

/* "name = value" at the scan; false if no "=" follows the name (which is then skipped). */
static bool
cut_pair(struct scan *sc, str *name, str *value, bool of_property)
{
    *name = cut_parts(sc, of_property ? '.' : '/');
    if (!next_is(sc, '='))
        return false;
    sc->s = str_skip(sc->s, 1);
    skip_cfws(sc);
    *value = of_property ? cut_value(sc) : next_is(sc, '"') ? cut_quoted(sc) : cut_name(sc);
    return name->n > 0;
}

static void
skip_segment(struct scan *sc)
{
    for (skip_cfws(sc); sc->s.n > 0 && !next_is(sc, ';'); skip_cfws(sc)) {
        if (next_is(sc, '"'))
            cut_quoted(sc);
        else
            take(sc, 1);
    }
}

struct properties {
    struct auth_property *items;
    size_t n, room;
};

static void
read_properties(struct scan *sc, struct auth_recorded *r)
{
    struct properties list = { 0 };
    for (skip_cfws(sc); sc->s.n > 0 && !next_is(sc, ';'); skip_cfws(sc)) {
        size_t before = sc->s.n;
        str name = { 0 }, value = { 0 };
        bool pair = cut_pair(sc, &name, &value, true);
        if (pair && str_ieq(name, S("reason")))
            r->reason = value;
        else if (pair && list.n < AUTHRES_MAX_PROPERTIES)
            ARENA_PUSH(sc->arena, list.items, list.n, list.room) =
                (struct auth_property){ arena_lower(sc->arena, name), value };
        if (sc->s.n == before)
            take(sc, 1);
    }
    r->properties = list.items;
    r->nproperties = list.n;
}

/* "method/1=result reason=... ptype.property=value ..." at the scan. */
static bool
read_result(struct scan *sc, struct auth_recorded *r)
{
    str method, result;
    if (!cut_pair(sc, &method, &result, false) || result.n == 0 || str_ieq(method, S("from")))
        return false; /* Yahoo wrote "from=domain;" between results */
    r->method = arena_lower(sc->arena, str_cut(method, '/').head);
    if (r->method.n == 0)
        return false;
    r->result = arena_lower(sc->arena, result);
    sc->comment = (str){ 0 };
    skip_cfws(sc);
    str comment = sc->comment;
    read_properties(sc, r);
    if (r->reason.n == 0 && !str_eq(r->result, S("pass")))
        r->reason = comment;
    return true;
}

/* The authserv-id and version before the first semicolon; none where a result stands there. */
static void
read_server(struct scan *sc, struct auth_results *out)
{
    struct scan look = *sc;
    str name, value;
    skip_cfws(&look);
    if (cut_pair(&look, &name, &value, false))
        return;
    skip_cfws(sc);
    out->authserv_id = next_is(sc, '"') ? cut_quoted(sc) : cut_name(sc);
    skip_cfws(sc);
    struct str_number version = str_cut_number(sc->s, 3);
    if (version.ok) {
        out->version = (int)version.value;
        sc->s = version.rest;
    }
    skip_cfws(sc);
    look = *sc; /* some forget the semicolon behind it */
    if (!cut_pair(&look, &name, &value, false))
        skip_segment(sc);
}

bool
authres_parse(struct arena *a, str value, struct auth_results *out)
{
    struct scan sc = { .arena = a, .s = header_unfold(a, str_head(value, AUTHRES_MAX_BYTES)) };
    *out = (struct auth_results){ .version = 1 };
    size_t room = 0;
    read_server(&sc, out);
    while (sc.s.n > 0 && out->nresults < AUTHRES_MAX_RESULTS) {
        struct auth_recorded r = { 0 };
        skip_cfws(&sc);
        if (next_is(&sc, ';'))
            take(&sc, 1);
        else if (read_result(&sc, &r))
            ARENA_PUSH(a, out->results, out->nresults, room) = r;
        else
            skip_segment(&sc);
    }
    return out->authserv_id.n > 0 || out->nresults > 0;
}

/* Without receiver=: the host that the comment starts with, "mx.example: domain of ...". */
static str
commenting_host(str comment)
{
    str host = str_cut(comment, ':').head;
    return str_has(host, S(" ")) || host.n == comment.n ? (str){ 0 } : host;
}

bool
received_spf_parse(struct arena *a, str value, struct auth_results *out)
{
    static const struct {
        const char *name, *means;
    } names[] = { { "envelope-from", "smtp.mailfrom" }, { "helo", "smtp.helo" } };
    struct scan sc = { .arena = a, .s = header_unfold(a, str_head(value, AUTHRES_MAX_BYTES)) };
    struct auth_recorded *r = ARENA_NEW(a, struct auth_recorded);
    skip_cfws(&sc);
    str result = cut_name(&sc);
    if (result.n == 0 || next_is(&sc, '='))
        return false;
    *out = (struct auth_results){ .version = 1, .results = r, .nresults = 1 };
    r->method = S("spf");
    r->result = arena_lower(a, result);
    skip_cfws(&sc);
    str comment = sc.comment;
    struct properties all = { 0 };
    while (sc.s.n > 0 && all.n < AUTHRES_MAX_PROPERTIES) { /* pairs are set apart by ";" or by blanks */
        struct auth_recorded part = { 0 };
        read_properties(&sc, &part);
        for (size_t i = 0; i < part.nproperties; i++)
            ARENA_PUSH(a, all.items, all.n, all.room) = part.properties[i];
        if (next_is(&sc, ';'))
            take(&sc, 1);
    }
    out->authserv_id = commenting_host(comment);
    for (size_t i = 0; i < all.n; i++) {
        if (str_eq(all.items[i].name, S("receiver")))
            out->authserv_id = all.items[i].value;
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            if (str_eq(all.items[i].name, str_from(names[k].name)))
                all.items[i].name = str_from(names[k].means);
    }
    r->properties = all.items;
    r->nproperties = all.n;
    r->reason = str_eq(r->result, S("pass")) ? (str){ 0 } : comment;
    return true;
}

/* "i=1; mx.example; dkim=pass ..." */
static bool
arc_results_parse(struct arena *a, str value, struct auth_results *out)
{
    value = str_trim(value);
    str rest = str_trim_left(str_after(str_trim_left(str_skip(value, 1)), '='));
    struct str_number i = str_cut_number(rest, 3);
    bool instance = str_istarts(value, S("i")) && i.ok;
    bool good = authres_parse(a, instance ? str_cut(i.rest, ';').tail : value, out);
    out->instance = instance ? (int)i.value : 0;
    return good;
}

/* One word that is the result of a method. */
static bool
one_word(struct arena *a, str value, const char *method, struct auth_results *out)
{
    struct auth_recorded *r = ARENA_NEW(a, struct auth_recorded);
    str word = str_trim(header_unfold(a, str_head(value, AUTHRES_MAX_BYTES)));
    *out = (struct auth_results){ .version = 1, .results = r, .nresults = 1 };
    *r = (struct auth_recorded){ .method = str_from(method), .result = arena_lower(a, word) };
    return word.n > 0 && !str_has(word, S(" "));
}

/* Outlook.com: PASS, FAIL, NONE of Sender ID (RFC 4406). */
static bool
sender_id_parse(struct arena *a, str value, struct auth_results *out)
{
    return one_word(a, value, "sender-id", out);
}

/* Outlook.com, before it wrote Authentication-Results: PASS, FAIL, NONE of what it checked, all in one. */
static bool
auth_result_parse(struct arena *a, str value, struct auth_results *out)
{
    return one_word(a, value, "x-auth-result", out);
}

/* Exchange: how the sender was known to it, Internal, Partner, Anonymous; by which host stands in another field
 * (exchange_source). */
static bool
exchange_auth_parse(struct arena *a, str value, struct auth_results *out)
{
    return one_word(a, value, "auth-as", out);
}

static const struct {
    const char *name;
    bool (*parse)(struct arena *, str value, struct auth_results *);
} fields[] = {
    { "Authentication-Results", authres_parse },
    { "Authentication-Results-Original", authres_parse }, /* renamed by Microsoft at the border */
    { "X-MS-Exchange-Authentication-Results", authres_parse },
    { "X-Original-Authentication-Results", authres_parse }, /* renamed by lists */
    { "Original-Authentication-Results", authres_parse },
    { "ARC-Authentication-Results", arc_results_parse },
    { "Received-SPF", received_spf_parse },
    { "X-SID-Result", sender_id_parse },
    { "X-AUTH-Result", auth_result_parse },
    { "X-MS-Exchange-Organization-AuthAs", exchange_auth_parse },
    { "X-MS-Exchange-CrossTenant-AuthAs", exchange_auth_parse },
};

/* "X-...-AuthAs" has its host in "X-...-AuthSource". */
static str
exchange_source(const struct message *m, struct arena *a, str name)
{
    if (!str_ends(name, S("-AuthAs")))
        return S("");
    str prefix = str_head(name, name.n - 2);
    return str_trim(message_header_value(m, arena_join(a, prefix, S("Source"), S("")).p));
}

void
authres_read(struct message *m, struct arena *a)
{
    size_t room = 0;
    for (size_t i = 0; i < m->nheaders; i++)
        for (size_t k = 0; k < sizeof fields / sizeof *fields; k++) {
            struct auth_results r;
            if (!str_ieq(m->headers[i].name, str_from(fields[k].name)))
                continue;
            if (!fields[k].parse(a, m->headers[i].value, &r)) {
                message_problem(m, a, "unreadable authentication results (RFC 8601 2.2)");
                continue;
            }
            if (r.nresults >= AUTHRES_MAX_RESULTS || m->headers[i].value.n > AUTHRES_MAX_BYTES)
                message_problem(m, a, "too many or too long authentication results: the rest is not read");
            r.header = str_from(fields[k].name);
            if (r.authserv_id.n == 0)
                r.authserv_id = exchange_source(m, a, r.header);
            r.raw_index = i;
            ARENA_PUSH(a, m->recorded, m->nrecorded, room) = r;
        }
}
