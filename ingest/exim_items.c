/* The items of an Exim log line, scanned token by token.
 *
 * Order and presence depend on version and log_selector, so a table by letter
 * serves better than one pattern.  What is not in the table (DN, SNI, I, ...)
 * is stepped over; it says nothing that the event has a field for. */
#include "exim_items.h"

#include <limits.h>

#include "scan.h"

/* Bytes for the few fields that are not in the line as such. */
static _Thread_local struct {
    char p[4096];
    size_t n;
} scratch;

void
exim_items_reset(void)
{
    scratch.n = 0;
}

/* n bytes, or NULL when the line has used up the room. */
static char *
scratch_take(size_t n)
{
    if (sizeof scratch.p - scratch.n < n)
        return NULL;
    scratch.n += n;
    return scratch.p + scratch.n - n;
}

static str
exim_pair(str a, str b)
{
    if (a.n == 0 || b.n == 0)
        return a.n ? a : b;
    char *p = scratch_take(a.n + 1 + b.n);
    if (p == NULL)
        return a;
    memcpy(p, a.p, a.n);
    p[a.n] = '/';
    memcpy(p + a.n + 1, b.p, b.n);
    return str_of(p, a.n + 1 + b.n);
}

str
exim_count(size_t n)
{
    enum { DIGITS = 20 };
    char *p = scratch_take(DIGITS);
    if (p == NULL)
        return (str){ 0 };
    size_t at = DIGITS;
    do
        p[--at] = (char)('0' + n % 10);
    while (n /= 10);
    return str_of(p + at, DIGITS - at);
}

str
exim_address(str user, str domain)
{
    char *p = scratch_take(user.n + 1 + domain.n);
    if (p == NULL)
        return (str){ 0 };
    memcpy(p, user.p, user.n);
    p[user.n] = '@';
    memcpy(p + user.n + 1, domain.p, domain.n);
    return str_of(p, user.n + 1 + domain.n);
}

str
exim_seconds(str s)
{
    static const struct {
        char unit;
        int seconds;
    } units[] = { { 'w', 604800 }, { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
    enum { MAX_DIGITS = 9 };
    uint64_t total = 0;
    str rest = s;
    str fraction = { 0 };
    if (s.n == 0)
        return s;
    while (rest.n) {
        struct str_number n = str_cut_number(rest, MAX_DIGITS);
        if (!n.ok || n.rest.n == 0 || fraction.n)
            return (str){ 0 };
        if (n.rest.p[0] == '.') {
            struct str_number f = str_cut_number(str_skip(n.rest, 1), MAX_DIGITS);
            if (!f.ok || f.rest.n == 0 || f.rest.p[0] != 's')
                return (str){ 0 };
            fraction = str_of(n.rest.p, n.rest.n - f.rest.n);
            n.rest = f.rest;
        }
        int seconds = 0;
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
            if (units[i].unit == n.rest.p[0])
                seconds = units[i].seconds;
        if (seconds == 0)
            return (str){ 0 };
        total += n.value * (uint64_t)seconds;
        rest = str_skip(n.rest, 1);
    }
    str whole = exim_count((size_t)total);
    if (whole.n == 0 || fraction.n == 0)
        return whole;
    char *p = scratch_take(whole.n + fraction.n);
    if (p == NULL)
        return whole;
    memcpy(p, whole.p, whole.n);
    memcpy(p + whole.n, fraction.p, fraction.n);
    return str_of(p, whole.n + fraction.n);
}

/* The inside of a quoted text at the start of s, and its length with the quotes.
 * A quote that never closes (a cut line) ends with the text. */
static str
cut_quoted(str s, size_t *length)
{
    size_t i = 1, escapes = 0;
    for (; (i += scan_to3(str_skip(s, i), '"', '\\', '\\')) < s.n && s.p[i] != '"'; i++)
        if (i + 1 < s.n) {
            escapes++;
            i++;
        }
    *length = i < s.n ? i + 1 : s.n;
    str inside = str_of(s.p + 1, i - 1);
    char *p = escapes ? scratch_take(inside.n) : NULL;
    if (p == NULL)
        return inside;
    size_t n = 0;
    for (i = 0; i < inside.n; i++) { /* only \" and \\ are this layer's escapes */
        if (inside.p[i] == '\\' && i + 1 < inside.n && (inside.p[i + 1] == '"' || inside.p[i + 1] == '\\'))
            i++;
        p[n++] = inside.p[i];
    }
    return str_of(p, n);
}

static size_t
word_length(str s)
{
    size_t n = str_find_char(s, ' ');
    return n == STR_NONE ? s.n : n;
}

struct exim_host
exim_host(str s)
{
    struct exim_host h = { .rest = s };
    if (s.n && s.p[0] != '(' && s.p[0] != '[') {
        size_t n = word_length(s);
        h.name = str_head(s, n);
        if (n > 0 && s.p[n - 1] == ':') { /* "H=name: reason" */
            h.name.n--;
            h.rest = str_skip(s, n - 1);
            return h;
        }
        s = str_skip(s, n);
        if (str_starts(s, S(" DS")) && (s.n == 3 || s.p[3] == ' '))
            s = str_skip(s, 3);
        h.rest = s;
        s = str_skip(s, 1);
    }
    if (s.n && s.p[0] == '(') {
        size_t n = str_find(s, S(") ["));
        if (n == STR_NONE)
            return h;
        h.helo = str_of(s.p + 1, n - 1);
        s = str_skip(s, n + 2);
    }
    if (s.n == 0 || s.p[0] != '[')
        return h;
    size_t end = str_find_char(s, ']');
    if (end == STR_NONE || str_find_char(str_head(s, end), ' ') != STR_NONE)
        return h;
    h.ip = str_of(s.p + 1, end - 1);
    s = str_skip(s, end + 1);
    if (s.n > 1 && s.p[0] == ':' && str_is_digit(s.p[1])) {
        size_t n = 1;
        while (n < s.n && str_is_digit(s.p[n]))
            n++;
        h.port = str_of(s.p + 1, n - 1);
        s = str_skip(s, n);
    }
    if (s.n && s.p[0] == '*') /* not the first message over this connection */
        s = str_skip(s, 1);
    h.rest = s;
    return h;
}

static void
take_host(struct exim_host h, enum exim_place place, struct event *e)
{
    if (place == EXIM_DELIVERY) {
        EV(e, RELAY_NAME) = h.name;
        EV(e, RELAY_IP) = h.ip;
        EV(e, RELAY_PORT) = h.port;
        return;
    }
    EV(e, CLIENT_NAME) = h.name;
    EV(e, CLIENT_IP) = h.ip;
    EV(e, CLIENT_PORT) = h.port;
    EV(e, HELO) = h.helo;
}

/* "TLS1.3:cipher:256", "TLSv1.2:cipher:128*", "AES256-SHA:256": the words of TLS libraries for
 * versions become the protocol's usual names. */
static void
take_tls(str value, struct event *e)
{
    static const struct {
        str said, name;
    } versions[] = {
        { S("TLS1.3"), S("TLSv1.3") }, { S("TLS1.2"), S("TLSv1.2") }, { S("TLS1.1"), S("TLSv1.1") },
        { S("TLS1.0"), S("TLSv1") },   { S("TLSv1.0"), S("TLSv1") },  { S("TLS1"), S("TLSv1") },
        { S("SSL3.0"), S("SSLv3") },   { S("SSL3"), S("SSLv3") },
    };
    struct str_cut c = str_cut(value, ':');
    str cipher = value;
    if (c.found && (str_starts(c.head, S("TLS")) || str_starts(c.head, S("SSL"))) && c.head.n <= 7) {
        EV(e, TLS_VERSION) = c.head;
        for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
            if (str_eq(c.head, versions[i].said))
                EV(e, TLS_VERSION) = versions[i].name;
        cipher = c.tail;
    }
    if (cipher.n && cipher.p[cipher.n - 1] == '*')
        cipher.n--;
    struct str_cut bits = str_rcut(cipher, ':');
    EV(e, TLS_CIPHER) = bits.found && str_digits(bits.tail) ? bits.head : cipher;
}

/* "plain_login:user", "dovecot_login:user:sender", "plain" */
static void
take_auth(str value, struct event *e)
{
    struct str_cut c = str_cut(value, ':');
    EV(e, METHOD) = c.head;
    EV(e, AUTH_USER) = str_cut(c.tail, ':').head;
}

static void
take_ident(str value, struct event *e)
{
    if (EV(e, CLIENT_IP).n == 0) /* beside a host it is what its ident server says */
        EV(e, UID) = value;
}

static void
take_mail_from(str value, struct event *e)
{
    EV(e, MAIL_FROM) = value;
    e->flags |= EVENT_HAS_MAIL_FROM;
}

static void
take_router(str value, struct event *e)
{
    EV(e, VIA) = value;
}

static void
take_transport(str value, struct event *e)
{
    EV(e, VIA) = exim_pair(EV(e, VIA), value);
}

static void
take_queue_time(str value, struct event *e)
{
    str s = exim_seconds(value);
    if (s.n)
        EV(e, DELAY) = s;
}

static void
take_delivery_time(str value, struct event *e)
{
    if (EV(e, DELAY).n == 0) /* the time in the queue says more */
        take_queue_time(value, e);
}

#define AT(place) (1u << (place))
#define ANYWHERE  (AT(EXIM_ARRIVAL) | AT(EXIM_DELIVERY) | AT(EXIM_DIALOGUE))

/* A field to fill as it stands, or a function that knows better; neither: an item to step over. */
static const struct item {
    str key;
    unsigned places;
    enum event_field field; /* FIELD_COUNT: none */
    void (*take)(str value, struct event *);
} items[] = {
    { S("R"), AT(EXIM_DELIVERY), FIELD_COUNT, take_router },
    { S("T"), AT(EXIM_DELIVERY), FIELD_COUNT, take_transport },
    { S("X"), ANYWHERE, FIELD_COUNT, take_tls },
    { S("CV"), ANYWHERE, FIELD_TLS_VERIFIED, NULL },
    { S("C"), AT(EXIM_DELIVERY), FIELD_REPLY, NULL },
    { S("P"), AT(EXIM_ARRIVAL) | AT(EXIM_DIALOGUE), FIELD_PROTOCOL, NULL },
    { S("S"), AT(EXIM_ARRIVAL), FIELD_SIZE, NULL },
    { S("id"), AT(EXIM_ARRIVAL), FIELD_MESSAGE_ID, NULL },
    { S("id*"), AT(EXIM_ARRIVAL), FIELD_MESSAGE_ID, NULL }, /* made by Exim for want of one */
    { S("DKIM"), AT(EXIM_ARRIVAL), FIELD_DOMAIN, NULL },
    { S("A"), AT(EXIM_ARRIVAL) | AT(EXIM_DIALOGUE), FIELD_COUNT, take_auth },
    { S("U"), AT(EXIM_ARRIVAL) | AT(EXIM_DIALOGUE), FIELD_COUNT, take_ident },
    { S("T"), AT(EXIM_ARRIVAL), FIELD_SUBJECT, NULL },
    { S("R"), AT(EXIM_ARRIVAL), FIELD_DETAIL, NULL }, /* the message a bounce is about */
    { S("F"), AT(EXIM_DIALOGUE), FIELD_COUNT, take_mail_from },
    { S("QT"), AT(EXIM_DELIVERY), FIELD_COUNT, take_queue_time },
    { S("DT"), AT(EXIM_DELIVERY), FIELD_COUNT, take_delivery_time },
};

/* The item of a key at a place, or NULL. */
static const struct item *
find_item(str key, enum exim_place place)
{
    enum { ITEMS = sizeof items / sizeof *items };
    _Static_assert(ITEMS <= 32, "a bit for each");
    static _Thread_local uint32_t begin[UCHAR_MAX + 1]; /* those that begin with a character */
    static _Thread_local bool known;
    for (size_t i = 0; !known && i < ITEMS; i++)
        begin[(unsigned char)items[i].key.p[0]] |= 1u << i;
    known = true;
    for (uint32_t bits = begin[(unsigned char)key.p[0]]; bits; bits &= bits - 1) {
        const struct item *item = &items[__builtin_ctz(bits)];
        if ((item->places & AT(place)) && str_eq(item->key, key))
            return item;
    }
    return NULL;
}

enum { KEY_MAX = 6 }; /* longest key: "DMARC*" */

/* Length of a key with its "=" at the start of s, or 0. */
static size_t
key_length(str s)
{
    for (size_t i = 0; i < s.n && i <= KEY_MAX; i++) {
        if (s.p[i] == '=')
            return i ? i + 1 : 0;
        if (!str_is_alpha(s.p[i]) && !str_is_digit(s.p[i]) && s.p[i] != '*')
            return 0;
    }
    return 0;
}

/* Words that stand for themselves: DNSSEC, pipelining, chunking, PRDR, fast open, ... */
static size_t
flag_length(str s)
{
    static const str flags[] = { S("K"),    S("L"),   S("L*"),   S("L-"),    S("L."), S("DS"),
                                 S("PRDR"), S("TFO"), S("TFO*"), S("TFO**"), S("*") };
    str word = str_head(s, word_length(s));
    if (word.n && word.p[word.n - 1] == ':')
        word.n--;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (str_eq(word, flags[i]))
            return word.n;
    return 0;
}

/* The value at the start of s: "quoted", <address>, or a word, whose ":" before a reason is not its own. */
static str
cut_value(str *s)
{
    size_t n;
    str value;
    if (s->n && s->p[0] == '"') {
        value = cut_quoted(*s, &n);
        if (n < s->n && s->p[n] == '@') { /* id="one two"@example.com */
            n += word_length(str_skip(*s, n));
            value = str_head(*s, n);
        }
    } else if (s->n && s->p[0] == '<' && (n = str_find(*s, S("> "))) != STR_NONE) {
        value = str_of(s->p + 1, n - 1);
        n++;
    } else {
        n = word_length(*s);
        if (n > 0 && s->p[n - 1] == ':')
            n--;
        value = str_head(*s, n);
        if (value.n >= 2 && value.p[0] == '<' && value.p[value.n - 1] == '>')
            value = str_unwrap(value, '<', '>');
    }
    *s = str_skip(*s, n);
    return value;
}

str
exim_items(str s, enum exim_place place, struct event *e)
{
    for (;;) {
        if (s.n && s.p[0] == ':')
            return s;
        s = str_trim_left(s);
        size_t n = key_length(s);
        if (n == 0) {
            if ((n = flag_length(s)) == 0) {
                if (place != EXIM_ARRIVAL || s.n == 0 || str_starts(s, S("from <")) ||
                    str_starts(s, S("for ")))
                    return s;
                n = word_length(s); /* of an id with a blank, or a flag of another version */
            }
            s = str_skip(s, n);
            continue;
        }
        str key = str_head(s, n - 1);
        s = str_skip(s, n);
        if (str_eq(key, S("H"))) {
            struct exim_host h = exim_host(s);
            take_host(h, place, e);
            s = h.rest;
            continue;
        }
        str value = cut_value(&s);
        const struct item *item = find_item(key, place);
        if (item && item->take)
            item->take(value, e);
        else if (item)
            e->field[item->field] = value;
    }
}
