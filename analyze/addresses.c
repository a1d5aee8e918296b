/* Look-ups that keep large groups from taking quadratic time: by hash, and by address within a node. */
#include "hash.h"
#include "journey_impl.h"

void
lookup_init(struct lookup *l, struct arena *a, size_t n)
{
    size_t size = 4;
    while (size < n)
        size *= 2;
    l->heads = ARENA_ARRAY(a, uint32_t, size);
    l->next = ARENA_ARRAY(a, uint32_t, n + 1);
    l->mask = size - 1;
}

void
lookup_add(struct lookup *l, uint64_t hash, size_t i)
{
    l->next[i] = l->heads[hash & l->mask];
    l->heads[hash & l->mask] = (uint32_t)i + 1;
}

uint64_t
hash_folded(str s)
{
    enum { PIECE = 64 };
    char lower[PIECE];
    uint64_t hash = 0;
    for (;;) {
        size_t n = s.n < PIECE ? s.n : PIECE;
        for (size_t i = 0; i < n; i++)
            lower[i] = str_lower_char(s.p[i]);
        hash = hash_more(hash, str_of(lower, n));
        if (s.n <= PIECE)
            return hash;
        s = str_skip(s, PIECE);
    }
}

bool
is_no_try(const struct attempt *t)
{
    return t->result == RESULT_DEFERRED && t->code == 0 &&
           (str_istarts(t->reply, S("retry time not yet reached")) || str_istarts(t->reply, S("frozen ")) ||
            str_istarts(t->reply, S("retry time not reached")));
}

str
given(const struct attempt *t)
{
    return t->orig_recipient.n ? t->orig_recipient : t->recipient;
}

/* Whether no item before i in its chain is equal to it. */
#define IS_FIRST(l, hash, i, equal)         \
    bool before = false;                    \
    LOOKUP_EACH(l, hash, k)                 \
    {                                       \
        if (k >= (i) || (before = (equal))) \
            break;                          \
    }

static bool
is_first_given(const struct node *n, const struct lookup *l, uint64_t hash, size_t i)
{
    IS_FIRST(l, hash, i, str_ieq(given(n->attempts[k]), given(n->attempts[i])))
    return !before;
}

static bool
is_first_recipient(const struct node *n, const struct lookup *l, uint64_t hash, size_t i)
{
    IS_FIRST(l, hash, i, str_ieq(n->attempts[k]->recipient, n->attempts[i]->recipient))
    return !before;
}

static bool
is_first_pair(const struct node *n, const struct lookup *l, uint64_t hash, size_t i)
{
    IS_FIRST(l, hash, i,
             str_ieq(n->attempts[k]->recipient, n->attempts[i]->recipient) &&
                 str_ieq(given(n->attempts[k]), given(n->attempts[i])))
    return !before;
}

struct addresses *
node_addresses(const struct assembly *a, struct node *n)
{
    if (n->addresses)
        return n->addresses;
    struct addresses *ad = n->addresses = ARENA_NEW(a->arena, struct addresses);
    struct lookup pair;
    ad->first = ARENA_ARRAY(a->arena, unsigned char, n->nattempts + 1);
    ad->seen = ARENA_ARRAY(a->arena, unsigned char, n->nattempts + 1);
    lookup_init(&ad->recipient, a->arena, n->nattempts);
    lookup_init(&ad->given, a->arena, n->nattempts);
    lookup_init(&pair, a->arena, n->nattempts);
    for (size_t i = n->nattempts; i-- > 0;) {
        uint64_t recipient = hash_folded(n->attempts[i]->recipient), as = hash_folded(given(n->attempts[i]));
        lookup_add(&ad->recipient, recipient, i);
        lookup_add(&ad->given, as, i);
        lookup_add(&pair, hash_more_int(recipient, (int64_t)as), i);
    }
    for (size_t i = 0; i < n->nattempts; i++) {
        uint64_t recipient = hash_folded(n->attempts[i]->recipient), as = hash_folded(given(n->attempts[i]));
        ad->first[i] =
            (unsigned char)((is_first_recipient(n, &ad->recipient, recipient, i) ? FIRST_RECIPIENT : 0) |
                            (is_first_given(n, &ad->given, as, i) ? FIRST_GIVEN : 0) |
                            (is_first_pair(n, &pair, hash_more_int(recipient, (int64_t)as), i) ? FIRST_PAIR
                                                                                               : 0));
    }
    return ad;
}

bool
has_recipient(const struct assembly *a, struct node *n, str address)
{
    if (n->nattempts == 0)
        return false;
    const struct addresses *ad = node_addresses(a, n);
    uint64_t hash = hash_folded(address);
    LOOKUP_EACH(&ad->recipient, hash, i)
    if (str_ieq(n->attempts[i]->recipient, address))
        return true;
    LOOKUP_EACH(&ad->given, hash, i)
    if (str_ieq(given(n->attempts[i]), address))
        return true;
    return false;
}
