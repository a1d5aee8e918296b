/* What a process said before, by its pid. */
#include "session.h"

#include <stdlib.h>

#include "arena.h"
#include "hash.h"

enum {
    SETS = 512,
    WAYS = 8,
    PEER = 96,
    VERSION = 10,
    CIPHER = 64,
    QUEUE_ID = 32,
    HOST = 96,
    NAME = 128,
    IP = 46
};

struct session {
    uint64_t used;
    int64_t pid;
    when at;
    bool outgoing, headless, local, refused;
    unsigned char host_n, peer_n, version_n, cipher_n, queue_id_n, name_n, ip_n, user_n;
    char peer[PEER], version[VERSION], cipher[CIPHER], queue_id[QUEUE_ID], host[HOST];
    char name[NAME], ip[IP], user[NAME];
};

struct session_table {
    uint64_t clock;
    uint64_t keys[SETS][WAYS]; /* 0: free; apart, so that a look-up touches one cache line */
    struct session sets[SETS][WAYS];
};

struct session_table *
session_table_new(void)
{
    return xcalloc(1, sizeof(struct session_table));
}

void
session_table_free(struct session_table *t)
{
    free(t);
}

static uint64_t
session_key(str host, int64_t pid, bool outgoing)
{
    uint64_t key = hash_more_int(hash_bytes(host), pid * 2 + outgoing);
    return key ? key : 1;
}

struct session *
session_find(struct session_table *t, str host, int64_t pid, bool outgoing)
{
    if (t->clock == 0) /* nobody ever said anything */
        return NULL;
    uint64_t key = session_key(host, pid, outgoing);
    const uint64_t *keys = t->keys[key % SETS];
    for (int i = 0; i < WAYS; i++)
        if (keys[i] == key) {
            struct session *s = &t->sets[key % SETS][i];
            s->used = ++t->clock;
            return s;
        }
    return NULL;
}

struct session *
session_get(struct session_table *t, str host, int64_t pid, bool outgoing)
{
    struct session *s = session_find(t, host, pid, outgoing);
    if (s)
        return s;
    uint64_t key = session_key(host, pid, outgoing);
    struct session *set = t->sets[key % SETS];
    s = set;
    for (int i = 1; i < WAYS; i++)
        if (set[i].used < s->used)
            s = &set[i];
    t->keys[key % SETS][s - set] = key;
    *s = (struct session){ .used = ++t->clock, .outgoing = outgoing };
    return s;
}

void
session_clear(struct session *s)
{
    s->peer_n = s->version_n = s->cipher_n = s->queue_id_n = s->name_n = s->ip_n = s->user_n = 0;
    s->headless = s->local = s->refused = false;
}

void
session_set_refused(struct session *s)
{
    s->refused = true;
}

bool
session_is_refused(const struct session *s)
{
    return s->refused;
}

void
session_set_headless(struct session *s)
{
    s->headless = true;
}

bool
session_is_headless(const struct session *s)
{
    return s->headless;
}

static void
set_text(char *to, unsigned char *n, size_t room, str s)
{
    *n = (unsigned char)(s.n < room ? s.n : room);
    if (*n)
        memcpy(to, s.p, *n);
}

void
session_set_tls(struct session *s, str host, int64_t pid, when at, str peer_ip, str version, str cipher)
{
    s->headless = false;
    s->pid = pid;
    s->at = at;
    set_text(s->host, &s->host_n, HOST, host);
    set_text(s->peer, &s->peer_n, PEER, peer_ip);
    set_text(s->version, &s->version_n, VERSION, version);
    set_text(s->cipher, &s->cipher_n, CIPHER, cipher);
}

void
session_set_queue_id(struct session *s, str queue_id)
{
    set_text(s->queue_id, &s->queue_id_n, QUEUE_ID, queue_id);
}

void
session_set_client(struct session *s, str name, str ip, bool local)
{
    set_text(s->name, &s->name_n, NAME, name);
    set_text(s->ip, &s->ip_n, IP, ip);
    s->local = local;
}

void
session_set_auth_user(struct session *s, str user)
{
    set_text(s->user, &s->user_n, NAME, user);
}

str
session_client_name(const struct session *s)
{
    return str_of(s->name, s->name_n);
}

str
session_client_ip(const struct session *s)
{
    return str_of(s->ip, s->ip_n);
}

str
session_auth_user(const struct session *s)
{
    return str_of(s->user, s->user_n);
}

bool
session_is_local(const struct session *s)
{
    return s->local;
}

str
session_peer(const struct session *s)
{
    return str_of(s->peer, s->peer_n);
}

str
session_tls_version(const struct session *s)
{
    return str_of(s->version, s->version_n);
}

str
session_tls_cipher(const struct session *s)
{
    return str_of(s->cipher, s->cipher_n);
}

str
session_queue_id(const struct session *s)
{
    return str_of(s->queue_id, s->queue_id_n);
}

bool
session_each_tls(struct session_table *t, when since,
                 bool (*each)(void *ctx, const struct session *, const struct session_info *), void *ctx)
{
    for (int i = 0; i < SETS; i++)
        for (int k = 0; k < WAYS; k++) {
            const struct session *s = &t->sets[i][k];
            if (t->keys[i][k] == 0 || s->version_n == 0 || s->at < since)
                continue;
            struct session_info info = {
                .host = str_of(s->host, s->host_n), .pid = s->pid, .at = s->at, .outgoing = s->outgoing
            };
            if (!each(ctx, s, &info))
                return false;
        }
    return true;
}
