/* Whose event an object is: its keys are looked at once, and few providers are left to be asked for more.
 *
 * A provider's keys are groups, separated by ';', of paths, separated by blanks: of one group all must be there.  An
 * object has no path whose first step is none of its keys, and no key whose slot is that of none of them. */
#include "diag.h"
#include "esp_shape.h"

enum { GROUPS_MAX = 128 };

#define ESP_ENTRY(id, text) &esp_##id,
static const struct esp_provider *const providers[] = { ESP_PROVIDERS(ESP_ENTRY) };

static struct {
    size_t ngroups;
    struct {
        const struct esp_provider *provider;
        uint64_t slots; /* of the first steps of its paths: a bit each */
        const struct esp_paths *paths;
    } groups[GROUPS_MAX]; /* of all providers, in their order */
    struct arena arena;
} known;

static const char *
needs_of(const struct esp_provider *p)
{
    return p->shape ? p->shape->owns : p->needs;
}

static uint64_t
slot_bit(str key)
{
    return 1ull << json_slot(key);
}

static void
add_provider(const struct esp_provider *p)
{
    for (struct str_cut group = { .tail = str_from(needs_of(p)) }; group.tail.n;) {
        group = str_cut(group.tail, ';');
        if (known.ngroups == GROUPS_MAX)
            BUG("more than %d groups of keys tell providers apart", GROUPS_MAX);
        uint64_t slots = 0;
        for (struct str_cut path = { .tail = group.head }; path.tail.n;) {
            path = str_cut(path.tail, ' ');
            slots |= slot_bit(str_cut(path.head, '/').head);
        }
        known.groups[known.ngroups].provider = p;
        known.groups[known.ngroups].slots = slots;
        known.groups[known.ngroups++].paths = esp_paths(&known.arena, group.head, ' ');
    }
}

static uint64_t
slots_of(const struct json_value *v)
{
    uint64_t slots = 0;
    for (size_t i = 0; i < v->n; i++)
        slots |= slot_bit(v->items[i].name);
    return slots;
}

const struct esp_provider *
esp_owner(const struct json_value *v)
{
    if (known.ngroups == 0)
        for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
            add_provider(providers[i]);
    const struct esp_provider *not_its = NULL;
    uint64_t has = slots_of(v);
    for (size_t i = 0; i < known.ngroups; i++) {
        const struct esp_provider *p = known.groups[i].provider;
        if ((known.groups[i].slots & ~has) || p == not_its || !esp_has(v, known.groups[i].paths))
            continue;
        if (p->owns == NULL || p->owns(v))
            return p;
        not_its = p;
    }
    return NULL;
}
