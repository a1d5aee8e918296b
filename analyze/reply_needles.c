/* A trie of all needles made into a table of states: scanning is one look-up per byte.
 *
 * Bytes are grouped into classes, so that a state costs two bytes for each
 * distinct byte of the needles.  The trie is freed once the table stands. */
#include "reply_needles.h"

#include <stdlib.h>

#include "arena.h"
#include "diag.h"

#define NOTHING    NO_NEEDLE
#define STATES_MAX REPLY_STATES_MAX

struct node {
    uint16_t child, sibling, found;
    char byte;
};

struct needle {
    uint16_t length;
    uint16_t next_same; /* another needle with the same text and other borders */
    bool head, tail;    /* asks for a word border there */
};

struct reply_needles {
    struct node *trie; /* only while building */
    size_t states, room, classes, needles;
    unsigned char class_of[256];
    uint16_t *next;  /* [state * classes + class] */
    uint16_t *found; /* needle that ends in a state */
    uint16_t *more;  /* the next shorter state in which one ends, 0 if none */
    struct needle needle[REPLY_NEEDLES_MAX];
};

struct reply_needles *
reply_needles_new(void)
{
    return xcalloc(1, sizeof(struct reply_needles));
}

void
reply_needles_free(struct reply_needles *e)
{
    if (e == NULL)
        return;
    free(e->trie);
    free(e->next);
    free(e->found);
    free(e->more);
    free(e);
}

static uint16_t
add_state(struct reply_needles *e, char byte, uint16_t sibling)
{
    if (e->states == STATES_MAX)
        BUG("needles need more than %d states", STATES_MAX);
    if (e->states == e->room) {
        e->room = e->room ? 2 * e->room : 4096;
        e->trie = xrealloc(e->trie, e->room * sizeof *e->trie);
    }
    e->trie[e->states] = (struct node){ NOTHING, sibling, NOTHING, byte };
    return (uint16_t)e->states++;
}

static uint16_t
step(struct reply_needles *e, uint16_t state, char byte)
{
    uint16_t to = e->trie[state].child;
    while (to != NOTHING && e->trie[to].byte != byte)
        to = e->trie[to].sibling;
    if (to != NOTHING)
        return to;
    to = add_state(e, byte, e->trie[state].child);
    e->trie[state].child = to;
    return to;
}

uint16_t
reply_needle(struct reply_needles *e, const char *text)
{
    if (text == NULL)
        return NOTHING;
    str s = str_from(text);
    bool head = s.n > 0 && s.p[0] == '~', tail = s.n > 1 && s.p[s.n - 1] == '~';
    s = str_head(str_skip(s, head), s.n - head - tail);
    uint16_t state = e->states ? 0 : add_state(e, 0, NOTHING);
    for (size_t i = 0; i < s.n; i++)
        state = step(e, state, s.p[i]);
    for (uint16_t n = e->trie[state].found; n != NOTHING; n = e->needle[n].next_same)
        if (e->needle[n].head == head && e->needle[n].tail == tail)
            return n;
    if (e->needles == REPLY_NEEDLES_MAX)
        BUG("more than %d needles", REPLY_NEEDLES_MAX);
    uint16_t n = (uint16_t)e->needles++;
    e->needle[n] = (struct needle){ (uint16_t)s.n, e->trie[state].found, head, tail };
    e->trie[state].found = n;
    return n;
}

static void
class_bytes(struct reply_needles *e)
{
    e->classes = 1; /* class 0: bytes in no needle */
    for (size_t i = 1; i < e->states; i++) {
        unsigned char *class = &e->class_of[(unsigned char)e->trie[i].byte];
        if (*class == 0)
            *class = (unsigned char)e->classes++;
    }
}

/* States are numbered breadth first, so that the shallow ones, where most bytes lead, lie together,
 * and so that the state of the longest proper suffix, which is shallower, is ready when needed:
 * where a state has no way on of its own, that of its suffix counts. */
void
reply_needles_build(struct reply_needles *e)
{
    if (e->states == 0)
        add_state(e, 0, NOTHING);
    class_bytes(e);
    size_t k = e->classes, n = 1;
    e->next = xcalloc(e->states * k, sizeof *e->next);
    e->found = xcalloc(e->states, sizeof *e->found);
    e->more = xcalloc(e->states, sizeof *e->more);
    uint16_t *node = xcalloc(e->states, sizeof *node), *suffix = xcalloc(e->states, sizeof *suffix);
    for (size_t state = 0; state < n; state++) {
        uint16_t *row = &e->next[state * k], back = suffix[state];
        e->found[state] = e->trie[node[state]].found;
        if (state > 0) {
            e->more[state] = e->found[back] != NOTHING ? back : e->more[back];
            memcpy(row, &e->next[back * k], k * sizeof *row);
        }
        for (uint16_t c = e->trie[node[state]].child; c != NOTHING; c = e->trie[c].sibling) {
            uint16_t *to = &row[e->class_of[(unsigned char)e->trie[c].byte]];
            suffix[n] = *to;
            node[n] = c;
            *to = (uint16_t)n++;
        }
    }
    free(node);
    free(suffix);
    free(e->trie);
    e->trie = NULL;
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
add_hits(const struct reply_needles *e, struct reply_hits *h, str text, size_t end, uint16_t first)
{
    for (uint16_t n = first; n != NOTHING; n = e->needle[n].next_same) {
        const struct needle *d = &e->needle[n];
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
reply_scan(const struct reply_needles *e, str text, struct reply_hits *h)
{
    memset(h->set, 0, sizeof h->set);
    h->n = 0;
    size_t state = 0;
    for (size_t i = 0; i < text.n; i++) {
        state = e->next[state * e->classes + e->class_of[(unsigned char)text.p[i]]];
        if (e->found[state] != NOTHING)
            add_hits(e, h, text, i + 1, e->found[state]);
        for (size_t s = e->more[state]; s != 0; s = e->more[s])
            add_hits(e, h, text, i + 1, e->found[s]);
    }
}
