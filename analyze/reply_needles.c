/* A trie of all needles made into a table of states: scanning is one look-up per byte.
 *
 * Bytes are grouped into classes, so that a state costs two bytes for each
 * distinct byte of the needles (some 27,000 states, 7 MB).  The trie is freed
 * once the table stands; the table stays until the process ends. */
#include "reply_needles.h"

#include <stdlib.h>

#include "arena.h"
#include "diag.h"

#define NOTHING    NO_NEEDLE
#define STATES_MAX 0xfffe

struct node {
    uint16_t child, sibling, found;
    char byte;
};

struct needle {
    uint16_t length;
    uint16_t next_same; /* another needle with the same text and other borders */
    bool head, tail;    /* asks for a word border there */
};

static struct {
    struct node *trie; /* only while building */
    size_t states, room, classes, needles;
    unsigned char class_of[256];
    uint16_t *next;  /* [state * classes + class] */
    uint16_t *found; /* needle that ends in a state */
    uint16_t *more;  /* the next shorter state in which one ends, 0 if none */
    struct needle needle[REPLY_NEEDLES_MAX];
} engine;

static uint16_t
add_state(char byte, uint16_t sibling)
{
    if (engine.states == STATES_MAX)
        BUG("needles need more than %d states", STATES_MAX);
    if (engine.states == engine.room) {
        engine.room = engine.room ? 2 * engine.room : 4096;
        engine.trie = xrealloc(engine.trie, engine.room * sizeof *engine.trie);
    }
    engine.trie[engine.states] = (struct node){ NOTHING, sibling, NOTHING, byte };
    return (uint16_t)engine.states++;
}

static uint16_t
step(uint16_t state, char byte)
{
    uint16_t to = engine.trie[state].child;
    while (to != NOTHING && engine.trie[to].byte != byte)
        to = engine.trie[to].sibling;
    if (to != NOTHING)
        return to;
    to = add_state(byte, engine.trie[state].child);
    engine.trie[state].child = to;
    return to;
}

uint16_t
reply_needle(const char *text)
{
    if (text == NULL)
        return NOTHING;
    str s = str_from(text);
    bool head = s.n > 0 && s.p[0] == '~', tail = s.n > 1 && s.p[s.n - 1] == '~';
    s = str_head(str_skip(s, head), s.n - head - tail);
    uint16_t state = engine.states ? 0 : add_state(0, NOTHING);
    for (size_t i = 0; i < s.n; i++)
        state = step(state, s.p[i]);
    for (uint16_t n = engine.trie[state].found; n != NOTHING; n = engine.needle[n].next_same)
        if (engine.needle[n].head == head && engine.needle[n].tail == tail)
            return n;
    if (engine.needles == REPLY_NEEDLES_MAX)
        BUG("more than %d needles", REPLY_NEEDLES_MAX);
    uint16_t n = (uint16_t)engine.needles++;
    engine.needle[n] = (struct needle){ (uint16_t)s.n, engine.trie[state].found, head, tail };
    engine.trie[state].found = n;
    return n;
}

static void
class_bytes(void)
{
    engine.classes = 1; /* class 0: bytes in no needle */
    for (size_t i = 1; i < engine.states; i++) {
        unsigned char *class = &engine.class_of[(unsigned char)engine.trie[i].byte];
        if (*class == 0)
            *class = (unsigned char)engine.classes++;
    }
}

/* States are numbered breadth first, so that the shallow ones, where most bytes lead, lie together,
 * and so that the state of the longest proper suffix, which is shallower, is ready when needed:
 * where a state has no way on of its own, that of its suffix counts. */
void
reply_needles_build(void)
{
    class_bytes();
    size_t k = engine.classes, n = 1;
    engine.next = xcalloc(engine.states * k, sizeof *engine.next);
    engine.found = xcalloc(engine.states, sizeof *engine.found);
    engine.more = xcalloc(engine.states, sizeof *engine.more);
    uint16_t *node = xcalloc(engine.states, sizeof *node), *suffix = xcalloc(engine.states, sizeof *suffix);
    for (size_t state = 0; state < n; state++) {
        uint16_t *row = &engine.next[state * k], back = suffix[state];
        engine.found[state] = engine.trie[node[state]].found;
        if (state > 0) {
            engine.more[state] = engine.found[back] != NOTHING ? back : engine.more[back];
            memcpy(row, &engine.next[back * k], k * sizeof *row);
        }
        for (uint16_t c = engine.trie[node[state]].child; c != NOTHING; c = engine.trie[c].sibling) {
            uint16_t *to = &row[engine.class_of[(unsigned char)engine.trie[c].byte]];
            suffix[n] = *to;
            node[n] = c;
            *to = (uint16_t)n++;
        }
    }
    free(node);
    free(suffix);
    free(engine.trie);
    engine.trie = NULL;
}

/* Letters and digits, also those joined by dots and dashes: "spam" in "mx.spam-filter.example"
 * is not a word. */
static bool
is_word(char c)
{
    return str_is_alpha(c) || str_is_digit(c) || (unsigned char)c >= 0x80;
}

static bool
ends_word(str rest)
{
    if (rest.n == 0 || is_word(rest.p[0]))
        return rest.n == 0;
    return rest.n == 1 || (rest.p[0] != '.' && rest.p[0] != '-') || !is_word(rest.p[1]);
}

static bool
starts_word(str before)
{
    size_t n = before.n;
    if (n == 0 || is_word(before.p[n - 1]))
        return n == 0;
    return n == 1 || (before.p[n - 1] != '.' && before.p[n - 1] != '-') || !is_word(before.p[n - 2]);
}

static void
add_hits(struct reply_hits *h, str text, size_t end, uint16_t first)
{
    for (uint16_t n = first; n != NOTHING; n = engine.needle[n].next_same) {
        const struct needle *d = &engine.needle[n];
        if (reply_hit(h, n) || h->n == REPLY_HITS_MAX)
            continue;
        if (d->tail && !ends_word(str_skip(text, end)))
            continue;
        if (d->head && !starts_word(str_head(text, end - d->length)))
            continue;
        h->set[n / 64] |= (uint64_t)1 << (n % 64);
        h->list[h->n++] = n;
    }
}

void
reply_scan(str text, struct reply_hits *h)
{
    memset(h->set, 0, sizeof h->set);
    h->n = 0;
    size_t state = 0;
    for (size_t i = 0; i < text.n; i++) {
        state = engine.next[state * engine.classes + engine.class_of[(unsigned char)text.p[i]]];
        if (engine.found[state] != NOTHING)
            add_hits(h, text, i + 1, engine.found[state]);
        for (size_t s = engine.more[state]; s != 0; s = engine.more[s])
            add_hits(h, text, i + 1, engine.found[s]);
    }
}
