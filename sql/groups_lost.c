/* Silent loss, over all journeys: what analyze could not yet judge, and what hosts of ours accepted and no log of
 * theirs knows.
 *
 * A journey alone cannot tell whether the relay that took it is a host of ours.  All of them together can: where
 * acceptances of a relay are found in a host's log, the relay is that host.  The counts stay in the database, and
 * queries/groups_lost*.sql judge what was not found.  It costs nothing where no relay is a host of ours. */
#include <stdlib.h>

#include "groups_impl.h"
#include "hash.h"

/* Relays that are told apart; the world has more, but they are not ours. */
enum { MAX_RELAYS = 1 << 16, RELAY_SLOTS = 2 * MAX_RELAYS };

struct relay {
    str name; /* or address, in lower case */
    str host; /* empty: found in no log */
    uint64_t linked, unlinked;
    bool stored; /* the database has it */
};

struct relays {
    struct arena arena;
    struct relay *r;
    size_t n;
    uint32_t slots[RELAY_SLOTS]; /* index + 1; 0: free */
    str last_host;               /* the host whose own name was entered last */
    bool news;                   /* a relay was not known as a host of ours before */
};

static uint64_t
hash_folded(str s)
{
    char folded[256];
    s = str_head(s, sizeof folded);
    for (size_t i = 0; i < s.n; i++)
        folded[i] = str_lower_char(s.p[i]);
    return hash_bytes(str_of(folded, s.n));
}

static struct relay *
relay_of(struct relays *rs, str name, str host, bool add)
{
    size_t slot = hash_more_int(hash_folded(name), (int64_t)hash_folded(host)) % RELAY_SLOTS;
    for (; rs->slots[slot]; slot = (slot + 1) % RELAY_SLOTS) {
        struct relay *r = &rs->r[rs->slots[slot] - 1];
        if (str_ieq(r->name, name) && str_ieq(r->host, host))
            return r;
    }
    if (!add || rs->n >= (host.n ? MAX_RELAYS : MAX_RELAYS / 2)) /* hosts of ours always find a place */
        return NULL;
    rs->r[rs->n] =
        (struct relay){ .name = arena_lower(&rs->arena, name), .host = arena_lower(&rs->arena, host) };
    rs->slots[slot] = (uint32_t)++rs->n;
    return &rs->r[rs->n - 1];
}

bool
groups_prepare_lost(struct groups *g, struct diag *d)
{
    str now = when_format(&g->arena, g->now);
    return groups_query(g, "queries/groups_waiting.sql", &now, 1, NULL, d);
}

bool
groups_begin_lost(struct groups *g, struct diag *d)
{
    struct db_rows rows;
    struct relays *rs = g->relays = xcalloc(1, sizeof *rs);
    rs->r = xcalloc(MAX_RELAYS, sizeof *rs->r);
    if (!groups_query(g, "queries/groups_relays.sql", NULL, 0, &rows, d))
        return false;
    for (size_t i = 0; i < rows.rows; i++) {
        struct relay *r = relay_of(rs, db_cell(&rows, i, 0), db_cell(&rows, i, 1), true);
        if (r)
            r->stored = true;
    }
    return true;
}

static void
count(struct relays *rs, str name, str host)
{
    struct relay *r = name.n ? relay_of(rs, name, host, true) : NULL;
    if (r == NULL)
        return;
    if (host.n) {
        rs->news |= !r->stored && r->linked == 0;
        r->linked++;
    } else {
        r->unlinked++;
    }
}

/* A log's own name for its host may be what senders call it. */
static void
enter_host(struct relays *rs, str host)
{
    if (host.n == 0 || str_ieq(host, rs->last_host))
        return;
    struct relay *r = relay_of(rs, host, host, true);
    if (r)
        rs->last_host = r->host;
}

void
groups_watch(struct groups *g, const struct assembled *a)
{
    bool young = false;
    for (size_t i = 0; i < a->nrelayed; i++) {
        const struct relayed *r = &a->relayed[i];
        count(g->relays, r->relay_host, r->host);
        count(g->relays, r->relay_ip, r->host);
    }
    for (size_t i = 0; i < a->nhops; i++)
        if (a->hops[i].transit_id)
            enter_host(g->relays, a->hops[i].host);
    for (size_t i = 0; i < a->ndeliveries; i++)
        young |= a->deliveries[i].outcome == OUTCOME_IN_TRANSIT;
    if (!young)
        return;
    struct buf *b = writer_row(g->writer, GROUPS_WAITING, WHEN_NONE);
    pgcopy_int8(b, (int64_t)a->journey.group_key);
    pgcopy_when(b, a->journey.last_at + g->grace);
}

bool
groups_keep_relays(struct groups *g, struct diag *d)
{
    struct relays *rs = g->relays;
    for (size_t i = 0; i < rs->n; i++) {
        const struct relay *r = &rs->r[i];
        if (r->host.n == 0 || (r->stored && r->linked == 0))
            continue;
        str params[] = { r->name, r->host, arena_printf(&g->arena, "%llu", (unsigned long long)r->linked) };
        if (!groups_query(g, "queries/groups_relay_put.sql", params, 3, NULL, d))
            return false;
    }
    return true;
}

/* Whether anything was not found that a host of ours accepted. */
static bool
any_missing(struct relays *rs)
{
    for (size_t i = 0; i < rs->n; i++) {
        const struct relay *ours = &rs->r[i];
        if (ours->host.n == 0)
            continue;
        const struct relay *none = relay_of(rs, ours->name, (str){ 0 }, false);
        if (none && none->unlinked)
            return true;
    }
    return false;
}

bool
groups_mark_lost(struct groups *g, struct diag *d)
{
    bool everything = g->all || g->relays->news || g->unfinished;
    if (!any_missing(g->relays) && (g->all || !everything))
        return true;
    str params[] = { everything ? S("-infinity") : g->new_from, everything ? S("infinity") : g->new_until,
                     when_format(&g->arena, g->now),
                     arena_printf(&g->arena, "%lld", (long long)(g->grace / WHEN_SECOND)) };
    return db_exec(g->db, sql_text("queries/groups_lost_begin.sql"), d) &&
           groups_query(g, "queries/groups_lost_hops.sql", params, 4, NULL, d) &&
           db_exec(g->db, sql_text("queries/groups_lost_ends.sql"), d) &&
           db_exec(g->db, sql_text("queries/groups_lost.sql"), d);
}

void
groups_forget_relays(struct groups *g)
{
    if (g->relays == NULL)
        return;
    arena_free(&g->relays->arena);
    free(g->relays->r);
    free(g->relays);
}
