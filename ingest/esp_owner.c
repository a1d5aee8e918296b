/* Whose event an object is: the keys that it must have for each provider are looked up in one pass over its own.
 *
 * A provider's keys are groups, separated by ';', of paths, separated by blanks: of one group all must be there.  An
 * object has no path whose first step is none of its keys, so mostly a provider need not be asked for more. */
#include "diag.h"
#include "esp_shape.h"

enum { WORDS = 2, KEYS_MAX = WORDS * 64, SLOTS = 4 * KEYS_MAX, GROUPS_MAX = 128 };

struct key_set {
    uint64_t bits[WORDS];
};

#define ESP_ENTRY(id, text) &esp_##id,
static const struct esp_provider *const providers[] = { ESP_PROVIDERS(ESP_ENTRY) };

static struct {
    str key[SLOTS]; /* open addressing */
    unsigned char number[SLOTS];
    size_t nkeys, ngroups;
    struct {
        const struct esp_provider *provider;
        struct key_set keys; /* first steps of its paths */
        const struct esp_paths *paths;
    } groups[GROUPS_MAX]; /* of all providers, in their order */
    struct arena arena;
} known;

static size_t
slot_of(str key)
{
    size_t first = key.n ? (unsigned char)key.p[0] : 0, last = key.n ? (unsigned char)key.p[key.n - 1] : 0;
    size_t i = (key.n * 37 + first * 5 + last * 11) % SLOTS;
    while (known.key[i].n && !str_eq(known.key[i], key))
        i = (i + 1) % SLOTS;
    return i;
}

static void
add_key(struct key_set *set, str key)
{
    size_t slot = slot_of(key);
    if (known.key[slot].n == 0) {
        if (known.nkeys == KEYS_MAX)
            BUG("more than %d keys tell providers apart", KEYS_MAX);
        known.key[slot] = key;
        known.number[slot] = (unsigned char)known.nkeys++;
    }
    set->bits[known.number[slot] / 64] |= 1ull << known.number[slot] % 64;
}

static const char *
needs_of(const struct esp_provider *p)
{
    return p->shape ? p->shape->owns : p->needs;
}

static void
add_provider(const struct esp_provider *p)
{
    for (struct str_cut group = { .tail = str_from(needs_of(p)) }; group.tail.n;) {
        group = str_cut(group.tail, ';');
        if (known.ngroups == GROUPS_MAX)
            BUG("more than %d groups of keys tell providers apart", GROUPS_MAX);
        known.groups[known.ngroups].provider = p;
        known.groups[known.ngroups].paths = esp_paths(&known.arena, group.head, ' ');
        struct key_set *set = &known.groups[known.ngroups++].keys;
        for (struct str_cut path = { .tail = group.head }; path.tail.n;) {
            path = str_cut(path.tail, ' ');
            add_key(set, str_cut(path.head, '/').head);
        }
    }
}

static struct key_set
keys_of(const struct json_value *v)
{
    struct key_set set = { 0 };
    for (size_t i = 0; i < v->n; i++) {
        size_t slot = slot_of(v->keys[i]);
        if (known.key[slot].n)
            set.bits[known.number[slot] / 64] |= 1ull << known.number[slot] % 64;
    }
    return set;
}

const struct esp_provider *
esp_owner(const struct json_value *v)
{
    if (known.ngroups == 0)
        for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
            add_provider(providers[i]);
    const struct esp_provider *not_its = NULL;
    struct key_set has = keys_of(v);
    for (size_t i = 0; i < known.ngroups; i++) {
        const struct esp_provider *p = known.groups[i].provider;
        const uint64_t *need = known.groups[i].keys.bits;
        if ((need[0] & ~has.bits[0]) || (need[1] & ~has.bits[1]) || p == not_its)
            continue;
        if (p->owns ? p->owns(v) : p->shape == NULL || esp_has(v, known.groups[i].paths))
            return p;
        if (p->owns)
            not_its = p;
    }
    return NULL;
}
