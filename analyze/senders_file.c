/* Reads the lists of services and of what is the user's own.
 *
 * Everything is checked when it is read: a line that cannot mean what it says is an error. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "dns.h"
#include "embedded.h"
#include "hash.h"
#include "senders_impl.h"

static const char *const kinds[] = { "mailbox",   "transactional", "marketing", "crm",   "helpdesk",
                                     "commerce",  "saas",          "hosting",   "cloud", "gateway",
                                     "forwarder", "list",          "own" };

struct reader {
    struct senders *s;
    const char *path;
    int line, layer;
    struct diag *diag;
    const struct sender_service *service;
};

static bool __attribute__((format(printf, 2, 3))) wrong(const struct reader *r, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return diag_set(r->diag, EXIT_USAGE, "%s:%d: %s", r->path, r->line, text);
}

static bool
add_name(struct reader *r, enum mark_kind kind, str text, str selector)
{
    str name;
    if (text.n && text.p[0] == '.')
        text = str_skip(text, 1);
    if (text.n && text.p[0] == '*' && text.n > 2 && text.p[1] == '.')
        text = str_skip(text, 2);
    if (!dns_name(&r->s->arena, text, &name) || str_has(name, S("*")))
        return wrong(r, "\"%.*s\" is no domain name", PRSTR(str_head(text, 80)));
    if (dns_labels(name) < 2 && r->layer != LAYER_OWN)
        return wrong(r, "\"%.*s\" would hold all of a top-level domain", PRSTR(name));
    const struct mark *same = senders_mark_at(r->s, kind, name, selector, r->layer == LAYER_OWN);
    if (same && same->layer == r->layer && str_eq(same->selector, selector) && same->service != r->service)
        return wrong(r, "\"%.*s\" stands in line %d already, for %.*s", PRSTR(name), same->line,
                     PRSTR(same->service->id));
    if (r->s->n >= MARKS_MAX)
        return wrong(r, "more than %d names", MARKS_MAX);
    senders_put_mark(r->s, (struct mark){ .name = name,
                                          .selector = arena_copy(&r->s->arena, selector),
                                          .service = r->service,
                                          .kind = kind,
                                          .layer = r->layer,
                                          .line = r->line });
    return true;
}

static bool
add_network(struct reader *r, str text)
{
    struct str_cut c = str_cut(text, '/');
    struct ip ip = ip_parse(c.head);
    int most = ip.family == 4 ? 32 : 128;
    struct str_number n = str_cut_number(c.tail, 3);
    if (ip.family == 0 || (c.found && (!n.ok || n.rest.n || n.value > (uint64_t)most)))
        return wrong(r, "\"%.*s\" is no network such as 192.0.2.0/24 or 2001:db8::/32",
                     PRSTR(str_head(text, 80)));
    int bits = c.found ? (int)n.value : most;
    if (bits == 0)
        return wrong(r, "\"%.*s\" holds every address", PRSTR(text));
    if (r->s->nnetworks >= MARKS_MAX)
        return wrong(r, "more than %d networks", MARKS_MAX);
    ARENA_PUSH(&r->s->arena, r->s->networks, r->s->nnetworks, r->s->networks_room) =
        (struct network){ .ip = ip,
                          .bits = bits,
                          .layer = r->layer,
                          .text = arena_copy(&r->s->arena, text),
                          .service = r->service };
    return true;
}

/* One of "name=a.example,b.example". */
static bool
read_setting(struct reader *r, str word)
{
    struct str_cut kv = str_cut(word, '=');
    bool all = str_eq(kv.head, S("domain"));
    bool name = all || str_eq(kv.head, S("name")), dkim = all || str_eq(kv.head, S("dkim"));
    bool spf = all || str_eq(kv.head, S("spf")), network = str_eq(kv.head, S("network"));
    if (!kv.found || !(name || dkim || spf || network))
        return wrong(r,
                     "\"%.*s\" is none of domain=, name=, dkim=, spf=, network=", PRSTR(str_head(word, 80)));
    if (kv.tail.n == 0)
        return wrong(r, "%.*s= says nothing", PRSTR(kv.head));
    for (struct str_cut c = { .tail = kv.tail, .found = true }; c.found;) {
        c = str_cut(c.tail, ',');
        if ((network && !add_network(r, c.head)) || (name && !add_name(r, MARK_NAME, c.head, S(""))) ||
            (dkim && !add_name(r, MARK_DKIM, c.head, S(""))) ||
            (spf && !add_name(r, MARK_SPF, c.head, S(""))))
            return false;
    }
    return true;
}

static str
cut_word(str *rest)
{
    size_t n = 0;
    while (n < rest->n && !str_is_space(rest->p[n]))
        n++;
    str word = str_head(*rest, n);
    *rest = str_trim_left(str_skip(*rest, n));
    return word;
}

static bool
is_id(str s)
{
    static const str allowed = S("abcdefghijklmnopqrstuvwxyz0123456789_.-");
    for (size_t i = 0; i < s.n; i++)
        if (str_find_char(allowed, s.p[i]) == STR_NONE)
            return false;
    return s.n > 0 && s.n <= PLAIN_NAME_MAX;
}

static bool
is_kind(str word)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eq(word, str_from(kinds[i])))
            return true;
    return false;
}

/* ID KIND "Title" settings */
static bool
read_service(struct reader *r, str line)
{
    str id = cut_word(&line), kind = cut_word(&line);
    if (!is_id(id))
        return wrong(r, "\"%.*s\" is no id (a-z, 0-9, _ . -, up to 64)", PRSTR(str_head(id, 80)));
    if (!is_kind(kind))
        return wrong(r,
                     "\"%.*s\" is no kind: mailbox, transactional, marketing, crm, helpdesk, commerce, saas, "
                     "hosting, cloud, gateway, forwarder, list or own",
                     PRSTR(str_head(kind, 80)));
    if (line.n == 0 || line.p[0] != '"')
        return wrong(r, "a title in double quotes is missing behind the kind");
    struct str_cut title = str_cut(str_skip(line, 1), '"');
    if (!title.found || title.head.n == 0 || title.head.n > TITLE_MAX)
        return wrong(r, "a title has 1 to %d bytes between double quotes", TITLE_MAX);
    for (size_t i = 0; i < r->s->nservices; i++)
        if (r->layer == LAYER_BUILT_IN && str_eq(r->s->services[i]->id, id))
            return wrong(r, "%.*s stands twice", PRSTR(id));
    struct arena *a = &r->s->arena;
    struct sender_service *made = ARENA_NEW(a, struct sender_service);
    *made = (struct sender_service){ arena_copy(a, id), arena_copy(a, kind), arena_copy(a, title.head) };
    ARENA_PUSH(a, r->s->services, r->s->nservices, r->s->services_room) = made;
    r->service = made;
    str rest = str_trim_left(title.tail);
    if (rest.n == 0)
        return wrong(r, "%.*s has nothing to be known by", PRSTR(id));
    while (rest.n)
        if (!read_setting(r, cut_word(&rest)))
            return false;
    return true;
}

/* network CIDR, name NAME, dkim DOMAIN [SELECTOR] */
static bool
read_own(struct reader *r, str line)
{
    str what = cut_word(&line), value = cut_word(&line), more = cut_word(&line);
    bool dkim = str_eq(what, S("dkim"));
    r->service = &sender_own_service;
    if (!dkim && !str_eq(what, S("network")) && !str_eq(what, S("name")))
        return wrong(r,
                     "a line reads \"network CIDR\", \"name NAME\" or \"dkim DOMAIN [SELECTOR]\", not %.*s",
                     PRSTR(str_head(what, 80)));
    if (value.n == 0)
        return wrong(r, "%.*s says nothing", PRSTR(what));
    if (line.n || (more.n && !dkim))
        return wrong(r, "too many words behind %.*s", PRSTR(what));
    if (dkim)
        return add_name(r, MARK_DKIM, value, more);
    return str_eq(what, S("name")) ? add_name(r, MARK_NAME, value, S("")) : add_network(r, value);
}

static bool
read_lines(struct reader *r, str text, bool (*read)(struct reader *, str))
{
    if (text.n > SENDERS_FILE_MAX)
        return diag_set(r->diag, EXIT_USAGE, "%s: longer than %d bytes", r->path, SENDERS_FILE_MAX);
    r->s->digest = hash_more_int(hash_more(r->s->digest, text), r->layer);
    for (struct str_cut c = { .tail = text }; c.tail.n;) {
        c = str_cut(c.tail, '\n');
        r->line++;
        size_t comment = str_find(c.head, S(" #"));
        str line = str_trim(comment == STR_NONE ? c.head : str_head(c.head, comment));
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (line.n > SENDERS_LINE_MAX)
            return wrong(r, "a line longer than %d bytes", SENDERS_LINE_MAX);
        if (memchr(line.p, 0, line.n))
            return wrong(r, "a NUL byte");
        if (!read(r, line))
            return false;
    }
    return true;
}

bool
senders_add(struct senders *s, str text, const char *path, struct diag *d)
{
    return read_lines(&(struct reader){ .s = s, .path = path, .layer = LAYER_USER, .diag = d }, text,
                      read_service);
}

bool
senders_add_own(struct senders *s, str text, const char *path, struct diag *d)
{
    return read_lines(&(struct reader){ .s = s, .path = path, .layer = LAYER_OWN, .diag = d }, text,
                      read_own);
}

struct senders *
senders_new(void)
{
    struct senders *s = xcalloc(1, sizeof *s);
    struct diag d = { 0 };
    const struct embedded *f = embedded_find("analyze/assets/senders.txt");
    if (!f)
        BUG("the list of senders is not there");
    struct reader r = { .s = s, .path = f->path, .layer = LAYER_BUILT_IN, .diag = &d };
    if (!read_lines(&r, str_of(f->bytes, f->length), read_service))
        BUG("%s", d.text);
    return s;
}
