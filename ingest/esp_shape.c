/* Reads events of the providers in esp_shapes.c: one object, or one per recipient, out of named members. */
#include "diag.h"
#include "esp_shape.h"

enum {
    SHAPE_RECIPIENTS = 1000,
    TEXTS_SLOTS = 2048, /* for the texts of paths in esp_shapes.c, some 400 */
};

struct step {
    str name;
    size_t slot; /* of it */
};

struct path {
    const struct step *step;
    size_t n;
};

struct esp_paths {
    size_t n;
    struct path path[]; /* alternatives */
};

static size_t
count_parts(str text, char between)
{
    return text.n ? str_count_char(text, between) + 1 : 0;
}

static struct path
path_of(struct arena *a, str text)
{
    size_t n = count_parts(text, '/');
    struct step *step = ARENA_ARRAY(a, struct step, n);
    struct str_cut c = { .tail = text };
    for (size_t i = 0; i < n; i++) {
        c = str_cut(c.tail, '/');
        step[i] = (struct step){ c.head, json_slot(c.head) };
    }
    return (struct path){ step, n };
}

const struct esp_paths *
esp_paths(struct arena *a, str text, char between)
{
    size_t n = count_parts(text, between);
    struct esp_paths *p = arena_alloc(a, sizeof *p + n * sizeof *p->path);
    for (struct str_cut c = { .tail = text }; p->n < n; p->n++) {
        c = str_cut(c.tail, between);
        p->path[p->n] = path_of(a, c.head);
    }
    return p;
}

/* The paths of a text that is a constant: cut up once, and known by its address from then on. */
static const struct esp_paths *
paths_of(const char *text)
{
    static struct {
        const char *text;
        const struct esp_paths *paths;
    } known[TEXTS_SLOTS];
    static struct arena arena;
    static size_t n;
    static const struct esp_paths none;
    if (text == NULL) /* mostly */
        return &none;
    size_t i = ((uintptr_t)text * 0x9e3779b97f4a7c15u >> 48) % TEXTS_SLOTS;
    for (; known[i].text; i = (i + 1) % TEXTS_SLOTS)
        if (known[i].text == text)
            return known[i].paths;
    if (++n == TEXTS_SLOTS)
        BUG("more than %d texts of paths", TEXTS_SLOTS);
    known[i].text = text;
    return known[i].paths = esp_paths(&arena, str_from(text), '|');
}

static const struct json_value *
first_of(const struct json_value *v)
{
    while (json_is(v, JSON_ARRAY))
        v = v->n ? &v->items[0] : NULL;
    return v;
}

static const struct json_value *
walk(const struct json_value *v, const struct path *p)
{
    for (size_t i = 0; i < p->n && v; i++)
        v = json_get_slot(first_of(v), p->step[i].name, p->step[i].slot);
    return v;
}

static bool
says_something(const struct json_value *v)
{
    if (v == NULL || v->kind == JSON_NULL)
        return false;
    return v->kind == JSON_STRING ? v->text.n > 0 : true;
}

/* The member at the first path where one says something. */
static const struct json_value *
member_at(const struct json_value *v, const char *text)
{
    const struct esp_paths *p = paths_of(text);
    for (size_t i = 0; i < p->n; i++) {
        const struct json_value *found = walk(v, &p->path[i]);
        if (says_something(found))
            return found;
    }
    return NULL;
}

/* A text, a number's digits, or the first of a list of them. */
static str
text_at(const struct json_value *v, const char *text)
{
    const struct esp_paths *p = paths_of(text);
    for (size_t i = 0; i < p->n; i++) {
        str s = str_trim(json_text(first_of(walk(v, &p->path[i]))));
        if (s.n)
            return s;
    }
    return (str){ 0 };
}

static when
time_at(const struct json_value *v, const char *text)
{
    const struct esp_paths *p = paths_of(text);
    for (size_t i = 0; i < p->n; i++) {
        when at = esp_when(first_of(walk(v, &p->path[i])));
        if (at != WHEN_NONE)
            return at;
    }
    return WHEN_NONE;
}

bool
esp_has(const struct json_value *v, const struct esp_paths *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (walk(v, &p->path[i]) == NULL)
            return false;
    return true;
}

static const struct esp_word *
word_of(const struct esp_shape *shape, str word)
{
    str prefix = str_from(shape->prefix);
    str bare = prefix.n && str_istarts(word, prefix) ? str_skip(word, prefix.n) : word;
    for (size_t i = 0; i < shape->nwords; i++) {
        char first = str_lower_char(shape->words[i].word[0]);
        if ((word.n == 0 || first != str_lower_char(word.p[0])) &&
            (bare.n == 0 || first != str_lower_char(bare.p[0])))
            continue;
        str known = str_from(shape->words[i].word);
        if (str_ieq(word, known) || str_ieq(bare, known))
            return &shape->words[i];
    }
    return NULL;
}

static bool
is_other(const struct esp_shape *shape, const struct json_value *v)
{
    const struct esp_paths *p = paths_of(shape->only);
    const struct json_value *said = p->n ? walk(v, &p->path[0]) : NULL;
    return said && !str_ieq(json_text(said), str_from(shape->only_word));
}

/* "mx.example.com [192.0.2.1]" -> both. */
static void
read_relay(struct esp_event *x, str relay, str ip)
{
    struct str_cut c = str_cut(relay, '[');
    EV(&x->e, RELAY_NAME) = str_trim(c.head);
    EV(&x->e, RELAY_IP) = ip.n ? ip : str_cut(c.tail, ']').head;
}

static void
fill(const struct esp_shape *shape, struct arena *a, const struct json_value *v, struct esp_event *x)
{
    x->id = text_at(v, shape->id);
    x->e.at = time_at(v, shape->at);
    x->born_at = time_at(v, shape->born);
    EV(&x->e, QUEUE_ID) = text_at(v, shape->queue);
    EV(&x->e, MESSAGE_ID) = esp_bare_id(text_at(v, shape->message));
    EV(&x->e, SUBJECT) = text_at(v, shape->subject);
    EV(&x->e, SIZE) = text_at(v, shape->size);
    str header = text_at(v, shape->header);
    if (header.n)
        x->header_id = arena_join(a, header, S("@"), str_from(shape->header_domain));
    str from = esp_address(a, text_at(v, shape->from));
    if (from.n && x->e.kind != EVENT_ENGAGEMENT) {
        EV(&x->e, MAIL_FROM) = from;
        x->e.flags |= EVENT_HAS_MAIL_FROM;
    }
    if (x->e.kind == EVENT_ENGAGEMENT) {
        esp_engagement(x, text_at(v, shape->ip), text_at(v, shape->agent), text_at(v, shape->url), false);
        return;
    }
    EV(&x->e, REASON) = text_at(v, shape->reason);
    if (x->e.kind != EVENT_ARRIVAL) {
        esp_reply(x, text_at(v, shape->reply), text_at(v, shape->code), text_at(v, shape->status));
        read_relay(x, text_at(v, shape->relay), text_at(v, shape->relay_ip));
    }
}

static str
address_of(const struct json_value *v)
{
    str s = json_text(v);
    return s.n ? s : text_at(v, "email|address|emailAddress|email_address/address|Email");
}

static bool
put_each(struct esp *esp, struct esp_event *x, const struct json_value *to)
{
    struct arena *a = esp_arena(esp);
    size_t n = json_is(to, JSON_ARRAY) ? to->n : 1;
    if (json_is(to, JSON_ARRAY) && (x->e.kind == EVENT_ARRIVAL || n == 0 || n > SHAPE_RECIPIENTS)) {
        EV(&x->e, NRCPT) = arena_decimal(a, n, 0);
        return esp_put(esp, x);
    }
    for (size_t i = 0; i + 1 < n; i++) {
        struct esp_event one = *x;
        EV(&one.e, RECIPIENT) = esp_address(a, address_of(&to->items[i]));
        esp_put(esp, &one);
    }
    EV(&x->e, RECIPIENT) = esp_address(a, address_of(json_is(to, JSON_ARRAY) ? &to->items[n - 1] : to));
    return esp_put(esp, x);
}

bool
esp_shape_read(const struct esp_shape *shape, struct esp *esp, const struct json_value *v)
{
    if (is_other(shape, v))
        return esp_ignore(esp, "no mail");
    const struct esp_word *w = word_of(shape, text_at(v, shape->events));
    if (w == NULL)
        return false;
    if (w->kind == EVENT_IGNORED)
        return esp_ignore(esp, w->action);
    struct esp_event x = esp_event(esp, w);
    fill(shape, esp_arena(esp), v, &x);
    return put_each(esp, &x, member_at(v, shape->to));
}
