/* What Haraka said of connections and transactions, until their mail is delivered. */
#include <stdlib.h>

#include "hash.h"
#include "log_haraka.h"

enum { MAILS = 4096, CONNECTIONS = 16384, IP_MAX = 46, PORT_MAX = 6 };

static struct {
    struct haraka_mail mails[MAILS];
    struct connection {
        uint64_t hash;
        unsigned char ip_n, port_n;
        char ip[IP_MAX], port[PORT_MAX];
    } connections[CONNECTIONS];
} * memory;

void
haraka_memory_clear(void)
{
    if (memory == NULL)
        return;
    for (size_t i = 0; i < MAILS; i++)
        arena_free(&memory->mails[i].texts);
    free(memory);
    memory = NULL;
}

void *
haraka_memory_suspend(void)
{
    void *before = memory;
    memory = NULL;
    return before;
}

void
haraka_memory_resume(void *before)
{
    memory = before;
}

static uint64_t
key_of(str host, str id)
{
    if (memory == NULL)
        memory = xcalloc(1, sizeof *memory);
    return hash_more(hash_bytes(host), id);
}

struct haraka_mail *
haraka_mail_of(str host, str queue_id, bool make)
{
    uint64_t hash = key_of(host, queue_id);
    struct haraka_mail *m = &memory->mails[hash % MAILS];
    if (m->hash == hash)
        return m;
    if (!make)
        return NULL;
    arena_free(&m->texts);
    *m = (struct haraka_mail){ .hash = hash };
    return m;
}

void
haraka_mail_recipient(struct haraka_mail *m, str recipient)
{
    for (size_t i = 0; i < m->n; i++)
        if (str_eq(m->recipients[i], recipient))
            return;
    if (m->n >= HARAKA_MAX_RECIPIENTS)
        return;
    size_t n = m->n;
    ARENA_PUSH(&m->texts, m->recipients, m->n, m->room) = arena_copy(&m->texts, recipient);
    ARENA_PUSH(&m->texts, m->done, n, m->done_room) = HARAKA_OPEN;
}

void
haraka_connection_set(str host, str uuid, str ip, str port)
{
    uint64_t hash = key_of(host, uuid);
    struct connection *c = &memory->connections[hash % CONNECTIONS];
    ip = str_head(ip, IP_MAX);
    port = str_head(port, PORT_MAX);
    *c = (struct connection){ .hash = hash, .ip_n = (unsigned char)ip.n, .port_n = (unsigned char)port.n };
    if (ip.n)
        memcpy(c->ip, ip.p, ip.n);
    if (port.n)
        memcpy(c->port, port.p, port.n);
}

bool
haraka_connection_get(str host, str uuid, str *ip, str *port)
{
    uint64_t hash = key_of(host, uuid);
    const struct connection *c = &memory->connections[hash % CONNECTIONS];
    if (c->hash != hash)
        return false;
    *ip = str_of(c->ip, c->ip_n);
    *port = str_of(c->port, c->port_n);
    return true;
}
