/* Reads events of the providers in esp_shapes.c: one object, or one per recipient, out of named members. */
#include "esp_shape.h"

enum { WALK_STEPS = 8, SHAPE_RECIPIENTS = 1000 };

static const struct json_value *
first_of(const struct json_value *v)
{
    while (json_is(v, JSON_ARRAY))
        v = v->n ? &v->items[0] : NULL;
    return v;
}

static const struct json_value *
walk_one(const struct json_value *v, str path)
{
    for (int i = 0; i < WALK_STEPS && path.n && v; i++) {
        struct str_cut step = str_cut(path, '/');
        v = json_get(first_of(v), step.head);
        path = step.tail;
    }
    return v;
}

static bool
says_something(const struct json_value *v)
{
    if (v == NULL || v->kind == JSON_NULL)
        return false;
    return v->kind == JSON_STRING ? v->text.n > 0 : true;
}

static const struct json_value *
esp_walk(const struct json_value *v, const char *paths)
{
    for (struct str_cut c = { .tail = str_from(paths) }; c.tail.n;) {
        c = str_cut(c.tail, '|');
        const struct json_value *found = walk_one(v, c.head);
        if (says_something(found))
            return found;
    }
    return NULL;
}

/* A text, a number's digits, or the first of a list of them. */
static str
text_at(const struct json_value *v, const char *paths)
{
    for (struct str_cut c = { .tail = str_from(paths) }; c.tail.n;) {
        c = str_cut(c.tail, '|');
        str s = str_trim(json_text(first_of(walk_one(v, c.head))));
        if (s.n)
            return s;
    }
    return (str){ 0 };
}

static when
time_at(const struct json_value *v, const char *paths)
{
    for (struct str_cut c = { .tail = str_from(paths) }; c.tail.n;) {
        c = str_cut(c.tail, '|');
        when at = esp_when(first_of(walk_one(v, c.head)));
        if (at != WHEN_NONE)
            return at;
    }
    return WHEN_NONE;
}

bool
esp_shape_owns(const struct esp_shape *shape, const struct json_value *v)
{
    for (struct str_cut group = { .tail = str_from(shape->owns) }; group.tail.n;) {
        group = str_cut(group.tail, ';');
        bool all = true;
        for (struct str_cut c = { .tail = group.head }; c.tail.n && all;) {
            c = str_cut(c.tail, ' ');
            all = walk_one(v, c.head) != NULL;
        }
        if (all)
            return true;
    }
    return false;
}

static const struct esp_word *
word_of(const struct esp_shape *shape, str word)
{
    str prefix = str_from(shape->prefix);
    str bare = prefix.n && str_istarts(word, prefix) ? str_skip(word, prefix.n) : word;
    for (size_t i = 0; i < shape->nwords; i++) {
        str known = str_from(shape->words[i].word);
        if (str_ieq(word, known) || str_ieq(bare, known))
            return &shape->words[i];
    }
    return NULL;
}

static bool
is_other(const struct esp_shape *shape, const struct json_value *v)
{
    struct str_cut c = str_cut(str_from(shape->only), '=');
    const struct json_value *said = c.head.n ? walk_one(v, c.head) : NULL;
    return said && !str_ieq(json_text(said), c.tail);
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
put_each(struct esp *esp, const struct esp_event *x, const struct json_value *to)
{
    struct arena *a = esp_arena(esp);
    size_t n = json_is(to, JSON_ARRAY) ? to->n : 1;
    struct esp_event one = *x;
    if (x->e.kind == EVENT_ARRIVAL || n == 0 || n > SHAPE_RECIPIENTS) {
        if (json_is(to, JSON_ARRAY))
            EV(&one.e, NRCPT) = arena_printf(a, "%zu", n);
        else
            EV(&one.e, RECIPIENT) = esp_address(a, address_of(to));
        return esp_put(esp, &one);
    }
    for (size_t i = 0; i < n; i++) {
        one = *x;
        EV(&one.e, RECIPIENT) = esp_address(a, address_of(json_is(to, JSON_ARRAY) ? &to->items[i] : to));
        esp_put(esp, &one);
    }
    return true;
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
    return put_each(esp, &x, esp_walk(v, shape->to));
}
