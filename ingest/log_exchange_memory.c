/* What earlier rows of a message tracking log said: births, Message-IDs, members of groups.
 *
 * Tables of fixed size in which a newcomer takes the place of what had it:
 * Exchange writes the rows of a message close together. */
#include <stdlib.h>

#include "hash.h"
#include "log_exchange.h"

enum {
    SLOTS = 1 << 16,
    ID_MAX = 40,             /* a GUID has 36 characters, a number 20 */
    ALIAS_BYTES = 16 << 20,  /* of texts, before all are forgotten */
    ADDRESS_MAX = 320 + 256, /* longer ones are not followed; Exchange makes long ones of its own */
};

struct message_slot {
    uint64_t hash;
    unsigned char n;
    char queue_id[ID_MAX];
};

struct alias_slot {
    uint64_t hash;
    str given;
};

static struct exchange_memory {
    uint64_t births[SLOTS];
    struct message_slot messages[SLOTS];
    struct alias_slot aliases[SLOTS];
    struct arena texts;
} * memory;

void
exchange_memory_clear(void)
{
    if (memory == NULL)
        return;
    arena_free(&memory->texts);
    free(memory);
    memory = NULL;
}

struct exchange_memory *
exchange_memory_swap(struct exchange_memory *other)
{
    struct exchange_memory *before = memory;
    memory = other;
    return before;
}

static void
need_memory(void)
{
    if (memory == NULL)
        memory = xcalloc(1, sizeof *memory);
}

bool
exchange_memory_birth(str host, str queue_id)
{
    need_memory();
    uint64_t hash = hash_more(hash_bytes(host), queue_id);
    uint64_t *slot = &memory->births[hash & (SLOTS - 1)];
    bool known = *slot == hash;
    *slot = hash;
    return known;
}

void
exchange_memory_message(str message_id, str queue_id)
{
    if (message_id.n == 0 || queue_id.n == 0 || queue_id.n > ID_MAX)
        return;
    need_memory();
    uint64_t hash = hash_bytes(message_id);
    struct message_slot *slot = &memory->messages[hash & (SLOTS - 1)];
    slot->hash = hash;
    slot->n = (unsigned char)queue_id.n;
    memcpy(slot->queue_id, queue_id.p, queue_id.n);
}

str
exchange_memory_queue_id(str message_id)
{
    if (memory == NULL || message_id.n == 0)
        return (str){ 0 };
    uint64_t hash = hash_bytes(message_id);
    const struct message_slot *slot = &memory->messages[hash & (SLOTS - 1)];
    return slot->hash == hash ? str_of(slot->queue_id, slot->n) : (str){ 0 };
}

static struct alias_slot *
alias_slot(str queue_id, str address, uint64_t *hash)
{
    char lower[ADDRESS_MAX];
    for (size_t i = 0; i < address.n; i++)
        lower[i] = str_lower_char(address.p[i]);
    *hash = hash_more(hash_bytes(queue_id), str_of(lower, address.n));
    return &memory->aliases[*hash & (SLOTS - 1)];
}

void
exchange_memory_alias(str queue_id, str address, str stands_for)
{
    uint64_t hash;
    if (queue_id.n == 0 || address.n == 0 || address.n > ADDRESS_MAX || stands_for.n == 0 ||
        stands_for.n > ADDRESS_MAX || str_ieq(address, stands_for))
        return;
    need_memory();
    str first = exchange_memory_given(queue_id, stands_for); /* a group in a group */
    if (str_ieq(first, address))
        return;
    struct alias_slot *slot = alias_slot(queue_id, address, &hash);
    if (memory->texts.total > ALIAS_BYTES) {
        memset(memory->aliases, 0, sizeof memory->aliases);
        arena_free(&memory->texts);
        first = (str){ 0 };
    }
    if (slot->hash == hash) /* the first group that named it */
        return;
    *slot = (struct alias_slot){ hash, first.n ? first : arena_copy(&memory->texts, stands_for) };
}

str
exchange_memory_given(str queue_id, str address)
{
    uint64_t hash;
    if (memory == NULL || address.n == 0 || address.n > ADDRESS_MAX)
        return (str){ 0 };
    const struct alias_slot *slot = alias_slot(queue_id, address, &hash);
    return slot->hash == hash ? slot->given : (str){ 0 };
}
