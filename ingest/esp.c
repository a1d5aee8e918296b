/* Events of email service providers: cutting sources into values, taking envelopes off, handing events out.
 *
 * An event that comes twice (webhooks are repeated until they are answered) counts once, known by the
 * provider's id of it, or by all it says.  What the tracker needs beside the event itself - the Message-ID,
 * the sender, the time of birth - is handed to it as an arrival that no sink sees. */
#include "esp.h"

#include <stdlib.h>

#include "esp_shape.h"
#include "esp_table.h"
#include "hash.h"
#include "tracker.h"

enum {
    UNWRAP_DEPTH = 6,
    SEEN_FIRST = 1 << 10, /* room for ids, half of it used; grows up to SEEN_MOST */
    SEEN_MOST = 1 << 21,
};

struct esp {
    struct arena arena; /* one value's */
    struct sink *sink;
    struct tracker *tracker;
    const struct esp_provider *provider; /* of the object that is read */
    struct origin origin;
    uint64_t line;
    uint64_t *seen; /* hashes of ids, open addressing */
    size_t nseen, seen_room;
    size_t events, ignored, repeated; /* out of the value */
    size_t lost;                      /* of it, beside others that were read */
    const char *why;                  /* of the ignored */
    const char *lost_why;
    when first_at, last_at; /* of the value's events */
    bool failed;
};

/* What providers share ------------------------------------------------------------------------------ */

const struct esp_word *
esp_word(const struct esp_word *words, size_t n, str word)
{
    for (size_t i = 0; word.n && i < n; i++)
        if (words[i].word[0] == word.p[0] && str_eq(word, str_from(words[i].word)))
            return &words[i];
    return NULL;
}

struct arena *
esp_arena(struct esp *esp)
{
    return &esp->arena;
}

struct esp_event
esp_event(const struct esp *esp, const struct esp_word *w)
{
    str name = str_from(esp->provider->name);
    bool acts = w->kind == EVENT_ENGAGEMENT || w->kind == EVENT_REFUSAL;
    return (struct esp_event){ .e = { .kind = w->kind,
                                      .result = w->result,
                                      .stage = w->kind == EVENT_REFUSAL ? STAGE_SUBMISSION : STAGE_UNKNOWN,
                                      .at = WHEN_NONE,
                                      .host = name,
                                      .program = name,
                                      .offset = esp->origin.offset,
                                      .length = esp->origin.length,
                                      .line = esp->line,
                                      .why = w->kind == EVENT_IGNORED ? w->action : NULL,
                                      .field = { [FIELD_ACTION] = acts ? str_from(w->action) : (str){ 0 } } },
                               .born_at = WHEN_NONE };
}

/* Handing out --------------------------------------------------------------------------------------- */

/* The place of a hash, or the free one that it would take. */
static uint64_t *
seen_slot(uint64_t *seen, size_t room, uint64_t hash)
{
    size_t i = hash & (room - 1);
    while (seen[i] && seen[i] != hash)
        i = (i + 1) & (room - 1);
    return &seen[i];
}

/* When too many are kept, all are forgotten: a repetition follows soon or never. */
static void
seen_grow(struct esp *esp)
{
    bool full = esp->seen_room == SEEN_MOST;
    size_t room = full ? SEEN_MOST : esp->seen ? esp->seen_room * 2 : SEEN_FIRST;
    uint64_t *seen = xcalloc(room, sizeof *seen);
    for (size_t i = 0; !full && i < esp->seen_room; i++)
        if (esp->seen[i])
            *seen_slot(seen, room, esp->seen[i]) = esp->seen[i];
    free(esp->seen);
    esp->seen = seen;
    esp->seen_room = room;
    esp->nseen = full ? 0 : esp->nseen;
}

/* Whether a hash is new; remembers it. */
static bool
is_new(struct esp *esp, uint64_t hash)
{
    hash |= hash == 0;
    if (esp->nseen >= esp->seen_room / 2)
        seen_grow(esp);
    uint64_t *slot = seen_slot(esp->seen, esp->seen_room, hash);
    if (*slot == hash)
        return false;
    *slot = hash;
    esp->nseen++;
    return true;
}

static uint64_t
identity(const struct esp_event *x)
{
    enum { BY_ID = 4, BY_ALL = 7 };
    const struct event *e = &x->e;
    const str texts[] = { e->host,       EV(e, QUEUE_ID), EV(e, RECIPIENT), x->id,
                          EV(e, ACTION), EV(e, REPLY),    EV(e, DETAIL) };
    uint64_t start = (uint64_t)e->kind << 8 | (uint64_t)e->result;
    if (x->id.n)
        return hash_more_texts(start, texts, BY_ID);
    return hash_more_int(hash_more_texts(start, texts, BY_ALL), e->at);
}

/* The tracker hears once when a message was born; providers tell it by recipient, or in every event. */
static void
track_arrival(struct esp *esp, const struct event *e, str queue_id, when born_at)
{
    const str birth[] = { S("birth"), e->host, queue_id };
    struct event arrival = *e;
    bool born = born_at != WHEN_NONE && is_new(esp, hash_more_texts(0, birth, sizeof birth / sizeof *birth));
    arrival.kind = EVENT_ARRIVAL;
    arrival.flags = (e->flags & EVENT_HAS_MAIL_FROM) | (born ? EVENT_BIRTH | EVENT_ACTIVE : 0u);
    arrival.at = born ? born_at : e->at;
    EV(&arrival, ACTION) = EV(&arrival, DETAIL) = (str){ 0 };
    if (e->kind == EVENT_ATTEMPT)
        EV(&arrival, TLS_VERIFIED) = (str){ 0 };
    esp->failed |= !tracker_event(esp->tracker, &arrival);
}

static void
track(struct esp *esp, struct esp_event *x)
{
    struct event *e = &x->e;
    str queue_id = EV(e, QUEUE_ID);
    if (EV(e, MESSAGE_ID).n == 0)
        EV(e, MESSAGE_ID) = x->header_id;
    if (queue_id.n == 0) /* lists of bounces, and events from before providers gave messages ids */
        queue_id = EV(e, QUEUE_ID) = EV(e, MESSAGE_ID).n ? EV(e, MESSAGE_ID) : EV(e, RECIPIENT);
    if (e->kind == EVENT_REFUSAL)
        EV(e, QUEUE_ID) = (str){ 0 }; /* it never was in a queue */
    if (queue_id.n && (e->kind == EVENT_ARRIVAL || e->kind == EVENT_ATTEMPT))
        track_arrival(esp, e, queue_id, e->kind == EVENT_ARRIVAL ? e->at : x->born_at);
    if (e->kind != EVENT_ARRIVAL)
        esp->failed |= !tracker_event(esp->tracker, e);
}

static bool
tells(const struct sink *sink, str text, const struct event *codes)
{
    struct reply_context c = { .text = text };
    if (codes) {
        c.enhanced = EV(codes, ENHANCED);
        c.code = (int)str_cut_number(EV(codes, CODE), 3).value;
    }
    enum reason reason = sink->classify(&c).reason;
    return reason != REASON_UNDEFINED && reason != REASON_NONE;
}

/* The provider's own word for what went wrong: in place of a reply, or behind one that does not tell. */
static void
add_word(struct esp *esp, struct event *e)
{
    str word = EV(e, REASON), reply = EV(e, REPLY);
    bool fails = e->kind == EVENT_REFUSAL || (e->kind == EVENT_ATTEMPT && e->result != RESULT_SENT);
    if (!fails || word.n == 0)
        return;
    if (reply.n == 0)
        EV(e, REPLY) = word;
    else if (esp->sink->classify && !str_has(reply, word) && tells(esp->sink, word, NULL) &&
             !tells(esp->sink, reply, e))
        EV(e, REPLY) = arena_printf(&esp->arena, "%.*s (in the words of %s: %.*s)", (int)reply.n, reply.p,
                                    esp->provider->name, (int)word.n, word.p);
}

bool
esp_put(struct esp *esp, struct esp_event *x)
{
    struct sink *sink = esp->sink;
    if (x->e.kind == EVENT_IGNORED)
        return esp_ignore(esp, x->e.why);
    add_word(esp, &x->e);
    if (x->e.at == WHEN_NONE)
        x->e.at = x->born_at;
    if (x->e.at == WHEN_NONE) {
        esp->why = "an event without a time";
        esp_lose(esp, esp->why);
        return true;
    }
    if (!is_new(esp, identity(x))) {
        esp->repeated++;
        return true;
    }
    if (x->e.kind == EVENT_ARRIVAL)
        x->e.flags |= EVENT_BIRTH | EVENT_ACTIVE;
    EV(&x->e, ENGINE) = x->e.host;
    if (esp->events++ == 0)
        esp->first_at = esp->last_at = x->e.at;
    esp->first_at = x->e.at < esp->first_at ? x->e.at : esp->first_at;
    esp->last_at = x->e.at > esp->last_at ? x->e.at : esp->last_at;
    sink->format = esp->provider->name;
    if (sink->ops->event)
        esp->failed |= !sink->ops->event(sink, &x->e);
    track(esp, x);
    return true;
}

bool
esp_ignore(struct esp *esp, const char *why)
{
    esp->ignored++;
    esp->why = why;
    return true;
}

void
esp_lose(struct esp *esp, const char *why)
{
    esp->lost++;
    esp->lost_why = why;
}

/* Envelopes ----------------------------------------------------------------------------------------- */

static bool read_value(struct esp *, const struct json_value *, unsigned depth);

/* JSON inside a string. */
static bool
read_text(struct esp *esp, str text, unsigned depth)
{
    text = str_trim(text);
    if (str_starts(text, S("Successfully validated SNS topic")))
        return esp_ignore(esp, "the account, not a message");
    if (text.n == 0 || (text.p[0] != '{' && text.p[0] != '['))
        return false;
    return read_value(esp, json_read_view(&esp->arena, text, NULL), depth + 1);
}

static bool
read_object(struct esp *esp, const struct json_value *v, unsigned depth)
{
    static const str envelopes[] = {
        S("Message"),         S("detail"),  S("Sns"),      S("Records"), S("items"),
        S("results"),         S("Bounces"), S("Messages"), S("body"),    S("Body"),
        S("events"),          S("data"),    S("payload"),  S("message"), S("Payload"),
        S("mandrill_events"), S("event"),
    };
    str type = json_text(json_get(v, S("Type")));
    if (str_eq(type, S("SubscriptionConfirmation")) || str_eq(type, S("UnsubscribeConfirmation")))
        return esp_ignore(esp, "the account, not a message");
    const struct esp_provider *p = esp_owner(v);
    if (p) {
        esp->provider = p;
        return p->shape ? esp_shape_read(p->shape, esp, v) : p->read(esp, v);
    }
    for (size_t i = 0; i < sizeof envelopes / sizeof *envelopes; i++)
        if (read_value(esp, json_get(v, envelopes[i]), depth + 1))
            return true;
    return false;
}

static bool
read_value(struct esp *esp, const struct json_value *v, unsigned depth)
{
    size_t known = 0;
    if (v == NULL || depth > UNWRAP_DEPTH)
        return false;
    switch (v->kind) {
    case JSON_OBJECT: return read_object(esp, v, depth);
    case JSON_STRING: return read_text(esp, v->text, depth);
    case JSON_ARRAY:
        for (size_t i = 0; i < v->n && !esp->failed; i++)
            known += read_value(esp, &v->items[i], depth + 1);
        for (size_t i = known; known && i < v->n && !esp->failed;
             i++) /* not where none is ours: no events then */
            esp_lose(esp, "not a known event");
        return known || v->n == 0;
    default: return false;
    }
}

/* Sources ------------------------------------------------------------------------------------------- */

static bool
reject(struct esp *esp, str bytes, uint64_t all, const char *why)
{
    return sink_reject(esp->sink, esp->line, (struct origin){ esp->origin.offset - (all - bytes.n), all },
                       bytes, "%s", why);
}

static bool take_forms(struct esp *, str text, uint64_t all);

/* What of a value was not read while the rest was; its bytes are counted with it. */
static bool
tell_lost(struct esp *esp, str bytes)
{
    struct origin at = { .offset = esp->origin.offset };
    return esp->lost == 0 ||
           sink_reject(esp->sink, esp->line, at, bytes, "%zu of its events left out, the rest is read: %s",
                       esp->lost, esp->lost_why);
}

/* One value, or the body of a form; all counts the separators before it too.  v: it was read already. */
static bool
take_value(struct esp *esp, str text, const struct json_value *v, bool form, uint64_t all)
{
    struct json_fault fault = { .why = "no JSON" };
    struct account *account = esp->sink->account;
    esp->events = esp->ignored = esp->repeated = esp->lost = 0;
    esp->why = NULL;
    if (v == NULL && !form && esp_is_form(text))
        return take_forms(esp, text, all);
    if (v == NULL) {
        arena_reset(&esp->arena);
        v = form ? esp_form(&esp->arena, text) : json_read_view(&esp->arena, text, &fault);
    }
    if (v == NULL)
        return reject(esp, text, all, fault.why);
    bool known = read_value(esp, v, 0);
    if (esp->failed)
        return false;
    if (esp->events) {
        account_record(account, all, esp->first_at);
        if (esp->last_at > account->last_at)
            account->last_at = esp->last_at;
        return tell_lost(esp, text);
    }
    if (!known || (esp->why && !esp->ignored && !esp->repeated))
        return reject(esp, text, all, esp->why ? esp->why : "not a known event");
    account_ignore(account, all);
    const char *why = esp->repeated ? "an event that was told before" : esp->why;
    struct event e = { .kind = EVENT_IGNORED,
                       .at = WHEN_NONE,
                       .why = why ? why : "nothing in it",
                       .offset = esp->origin.offset,
                       .length = esp->origin.length,
                       .line = esp->line };
    return (esp->sink->ops->event == NULL || esp->sink->ops->event(esp->sink, &e)) && tell_lost(esp, text);
}

/* Bodies of forms, one a line. */
static bool
take_forms(struct esp *esp, str text, uint64_t all)
{
    uint64_t before = all - text.n, start = esp->origin.offset, line = esp->line;
    bool good = true;
    for (str rest = text; rest.n && good;) {
        size_t end = str_find_char(rest, '\n');
        str one = end == STR_NONE ? rest : str_head(rest, end + 1);
        esp->origin = (struct origin){ start + (uint64_t)(one.p - text.p), one.n };
        good = take_value(esp, one, NULL, true, before + one.n);
        before = 0;
        esp->line++;
        rest = str_skip(rest, one.n);
    }
    esp->line = line;
    return good;
}

static bool
take_row(struct esp *esp, str bytes, const struct json_value *v, uint64_t offset)
{
    esp->line++; /* the line of names is the first */
    esp->origin = (struct origin){ offset, bytes.n };
    bool good = take_value(esp, bytes, v, false, bytes.n);
    uint64_t ends = str_count_char(bytes, '\n');
    esp->line += ends > 1 ? ends - 1 : 0;
    return good;
}

static bool
read_values(struct esp *esp, struct source *s)
{
    struct json_cut cut = { 0 };
    uint64_t next_checkpoint = s->offset + (128u << 20);
    for (;;) {
        const struct json_value *v;
        arena_reset(&esp->arena);
        struct json_piece p = json_cut_value(&cut, s->window, s->eof, &esp->arena, &v);
        if (p.step == JSON_MORE) {
            if (!source_more(s, &esp->sink->diag))
                return false;
            continue;
        }
        str piece = str_head(str_skip(s->window, p.skip), p.length);
        if (p.step == JSON_END) {
            if (p.skip)
                account_ignore(esp->sink->account, p.skip);
            source_take(s, p.skip);
            return true;
        }
        esp->line += str_count_char(str_head(s->window, p.skip), '\n');
        esp->origin = (struct origin){ s->offset + p.skip, p.length };
        bool bad = p.step == JSON_BAD && !esp_is_form(piece);
        bool good = bad ? reject(esp, piece, p.skip + p.length, "no JSON")
                        : take_value(esp, piece, v, false, p.skip + p.length);
        esp->line += str_count_char(piece, '\n');
        source_take(s, p.skip + p.length);
        if (good && s->offset >= next_checkpoint) {
            next_checkpoint += 128u << 20;
            good = tracker_flush(esp->tracker, false);
        }
        if (!good)
            return false;
    }
}

bool
esp_read(struct source *s, const struct ingest_options *options, struct sink *sink)
{
    (void)options;
    struct esp *esp = xcalloc(1, sizeof *esp);
    *esp = (struct esp){ .sink = sink, .tracker = tracker_new(sink), .provider = &esp_ses, .line = 1 };
    bool good = source_want(s, ESP_TABLE_HEAD, &sink->diag) &&
                (esp_table_owner(s->window) ? esp_table_read(s, sink, esp, take_row) : read_values(esp, s));
    good = tracker_flush(esp->tracker, true) && good;
    tracker_free(esp->tracker);
    arena_free(&esp->arena);
    free(esp->seen);
    free(esp);
    return good;
}
