/* What lines of Courier build on: words of replies, messages that wait, notifications under way.
 *
 * courierd says "completed" at the end of every try, and not whether the message stays in the queue: it does where a
 * recipient was deferred.  A last notification after that means that it gave up.  The notification itself comes back as
 * a new message from localhost, without a word of what it is about. */
#include "log_courier_memory.h"

#include "hash.h"

enum { WORDS = 256, WORDS_MAX = 1024, QUEUE = 8192, NOTICES = 16, ID_MAX = 64 };

/* Few deliveries of one host are under way at once. */
static _Thread_local struct words {
    uint64_t key;
    size_t n;
    char text[WORDS_MAX];
} words[WORDS];

static _Thread_local struct waiting {
    uint64_t key;
    bool deferred; /* a recipient has to wait, in this try */
    bool waits;    /* ... and the try is over */
    bool local;    /* came from localhost, and no try of it began */
} queue[QUEUE];

static _Thread_local struct notice {
    uint64_t host, address;
    bool open, answered;
    size_t n;
    char id[ID_MAX];
} notices[NOTICES];
static _Thread_local unsigned next_notice;

static struct words *
words_of(str host, const struct event *e, uint64_t *key)
{
    uint64_t h = hash_more(hash_bytes(host), EV(e, QUEUE_ID));
    h = hash_more(hash_more(h, EV(e, CLIENT_IP)), EV(e, CLIENT_PORT));
    *key = hash_more(h, EV(e, RECIPIENT)) | 1;
    return &words[(*key >> 8) % WORDS];
}

static bool
has_code(str s)
{
    return s.n >= 3 && str_digits(str_head(s, 3));
}

void
courier_remember_words(str host, const struct event *e)
{
    uint64_t key;
    struct words *w = words_of(host, e, &key);
    str said = EV(e, REPLY);
    bool known = w->key == key && has_code(str_of(w->text, w->n));
    if (known && !has_code(said))
        return;
    if (!known)
        w->n = 0;
    w->key = key;
    if (w->n && w->n < WORDS_MAX)
        w->text[w->n++] = ' ';
    said = str_head(said, WORDS_MAX - w->n);
    if (said.n)
        memcpy(w->text + w->n, said.p, said.n);
    w->n += said.n;
}

void
courier_recall_words(str host, struct event *e)
{
    uint64_t key;
    struct words *w = words_of(host, e, &key);
    if (w->key != key)
        return;
    if (EV(e, CLIENT_IP).n) /* a refusal's last line is part of the reply */
        courier_remember_words(host, e);
    w->key = 0;
    if (EV(e, REPLY).n == 0 || EV(e, CLIENT_IP).n)
        EV(e, REPLY) = str_of(w->text, w->n);
}

/* make: it gets the place even if another has it; else NULL if it is not known. */
static struct waiting *
waiting_of(str host, str queue_id, bool make)
{
    uint64_t key = hash_more(hash_bytes(host), queue_id) | 1;
    struct waiting *w = &queue[(key >> 8) % QUEUE];
    if (w->key == key)
        return w;
    if (!make)
        return NULL;
    *w = (struct waiting){ .key = key };
    return w;
}

void
courier_note_new(str host, const struct event *e)
{
    struct waiting *w = waiting_of(host, EV(e, QUEUE_ID), true);
    *w = (struct waiting){ .key = w->key, .local = str_eq(EV(e, CLIENT_IP), S("127.0.0.1")) };
}

void
courier_note_deferral(str host, str queue_id)
{
    waiting_of(host, queue_id, true)->deferred = true;
}

bool
courier_note_dsn(str host, const struct event *e)
{
    str id = EV(e, QUEUE_ID);
    struct notice *n = &notices[next_notice++ % NOTICES];
    *n = (struct notice){ .host = hash_bytes(host),
                          .address = hash_bytes(EV(e, RECIPIENT)),
                          .open = id.n <= ID_MAX,
                          .n = id.n <= ID_MAX ? id.n : 0 };
    if (n->n)
        memcpy(n->id, id.p, n->n);
    struct waiting *w = waiting_of(host, id, false);
    bool expired = w && w->deferred;
    if (w)
        w->deferred = w->waits = false;
    return expired;
}

bool
courier_try_is_over(str host, str queue_id)
{
    struct waiting *w = waiting_of(host, queue_id, false);
    if (w && w->deferred) {
        w->waits = true;
        return true;
    }
    if (w)
        w->key = 0;
    for (size_t i = 0; i < NOTICES; i++)
        if (notices[i].open && str_eq(str_of(notices[i].id, notices[i].n), queue_id))
            notices[i].open = false;
    return false;
}

/* The one notification that can be meant: to this address, else the only one. */
static struct notice *
notice_for(str host, str address)
{
    uint64_t of = hash_bytes(host), to = hash_bytes(address);
    struct notice *only = NULL, *same = NULL;
    size_t all = 0, alike = 0;
    for (size_t i = 0; i < NOTICES; i++) {
        struct notice *n = &notices[i];
        if (!n->open || n->answered || n->host != of)
            continue;
        all++;
        only = n;
        if (n->address == to) {
            alike++;
            same = n;
        }
    }
    return alike == 1 ? same : all == 1 ? only : NULL;
}

str
courier_note_start(str host, const struct event *e)
{
    struct waiting *w = waiting_of(host, EV(e, QUEUE_ID), false);
    if (w == NULL)
        return (str){ 0 };
    if (w->waits)
        w->waits = w->deferred = false;
    if (!w->local)
        return (str){ 0 };
    w->local = false;
    if (EV(e, MAIL_FROM).n && !str_eq(EV(e, MAIL_FROM), S("#@[]")))
        return (str){ 0 };
    struct notice *n = notice_for(host, EV(e, RECIPIENT));
    if (n == NULL)
        return (str){ 0 };
    n->answered = true;
    return str_of(n->id, n->n);
}
