/* Whose event an object is: its keys are looked at once, and few providers are left to be asked for more.
 *
 * A provider's keys are groups, separated by ';', of paths, separated by blanks: of one group all must be there.  An
 * object has no path whose first step is none of its keys, and no key whose slot is that of none of them.  It is asked
 * for a group's paths in their order: the quickest is the one that begins with what few others have. */
#include "diag.h"
#include "esp_shape.h"

enum { GROUPS_MAX = 128, WORD = 64 };

/* Some of the groups: a bit each. */
struct group_set {
    uint64_t bits[GROUPS_MAX / WORD];
};

#define ESP_ENTRY(id, text) &esp_##id,
static const struct esp_provider *const providers[] = { ESP_PROVIDERS(ESP_ENTRY) };

static struct {
    size_t ngroups;
    struct {
        const struct esp_provider *provider;
        uint64_t slots; /* of the first steps of its paths: a bit each */
        const struct esp_paths *paths;
    } groups[GROUPS_MAX];               /* of all providers, in their order */
    struct group_set first[JSON_SLOTS]; /* those whose first path begins in a slot */
    struct arena arena;
} known;

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
        size_t first = json_slot(str_cut(str_cut(group.head, ' ').head, '/').head);
        known.first[first].bits[known.ngroups / WORD] |= 1ull << known.ngroups % WORD;
        uint64_t slots = 0;
        for (struct str_cut path = { .tail = group.head }; path.tail.n;) {
            path = str_cut(path.tail, ' ');
            slots |= 1ull << json_slot(str_cut(path.head, '/').head);
        }
        known.groups[known.ngroups].provider = p;
        known.groups[known.ngroups].slots = slots;
        known.groups[known.ngroups++].paths = esp_paths(&known.arena, group.head, ' ');
    }
}

/* Whether an object in whose slots are names is of the ith group's provider. */
static bool
is_of(const struct json_value *v, uint64_t slots, size_t i)
{
    const struct esp_provider *p = known.groups[i].provider;
    return (known.groups[i].slots & ~slots) == 0 && esp_has(v, known.groups[i].paths) &&
           (p->owns == NULL || p->owns(v));
}

const struct esp_provider *
esp_owner(const struct json_value *v)
{
    if (known.ngroups == 0)
        for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
            add_provider(providers[i]);
    uint64_t slots = 0;
    struct group_set perhaps = { 0 };
    for (size_t i = 0; i < v->n; i++) {
        size_t slot = json_slot(v->items[i].name);
        slots |= 1ull << slot;
        for (size_t k = 0; k < GROUPS_MAX / WORD; k++)
            perhaps.bits[k] |= known.first[slot].bits[k];
    }
    for (size_t k = 0; k < GROUPS_MAX / WORD; k++)
        for (uint64_t bits = perhaps.bits[k]; bits; bits &= bits - 1) {
            size_t i = k * WORD + (size_t)__builtin_ctzll(bits);
            if (is_of(v, slots, i))
                return known.groups[i].provider;
        }
    return NULL;
}
