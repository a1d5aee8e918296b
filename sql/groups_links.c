/* Which transits belong together though their keys do not say so: joined by queue ids.
 *
 * What looks for others by a queue id is kept (loose_transit, loose_attempt), and what it found (link_edge).  A run looks
 * only at the queue ids that new rows touch; what they link is found as if everything had come at once, because all
 * conditions stand in groups_links.sql and what is under other queue ids plays no part in them.  Then the union below is
 * done anew for the transits that hang together with a changed link, and with no others.  How journeys are split again
 * within a group is analyze/links.c's matter. */
#include <stdlib.h>

#include "groups_impl.h"

struct vertex {
    int64_t id, key;
    size_t parent; /* of the union */
    int64_t root;  /* transit it is a part of */
};

struct graph {
    struct vertex *v;
    size_t n, room;
};

static int
by_id(const void *x, const void *y)
{
    const struct vertex *p = x, *q = y;
    if (p->id != q->id)
        return p->id < q->id ? -1 : 1;
    return p->key < q->key ? -1 : p->key > q->key;
}

static struct vertex *
vertex_of(struct graph *gr, int64_t id, int64_t key)
{
    struct vertex want = { .id = id, .key = key };
    return bsearch(&want, gr->v, gr->n, sizeof *gr->v, by_id);
}

static size_t
find(struct graph *gr, size_t i)
{
    while (gr->v[i].parent != i)
        i = gr->v[i].parent = gr->v[gr->v[i].parent].parent;
    return i;
}

static bool
is_named(const struct vertex *v)
{
    return v->id != v->key; /* without a Message-ID the key is the transit's own id */
}

/* Joins two; the named one, else the lower key, speaks for both. Two names never join. */
static void
join(struct graph *gr, size_t x, size_t y)
{
    x = find(gr, x);
    y = find(gr, y);
    if (x == y || (is_named(&gr->v[x]) && is_named(&gr->v[y]) && gr->v[x].key != gr->v[y].key))
        return;
    bool x_speaks =
        is_named(&gr->v[x]) != is_named(&gr->v[y]) ? is_named(&gr->v[x]) : gr->v[x].key < gr->v[y].key;
    gr->v[x_speaks ? y : x].parent = x_speaks ? x : y;
}

static void
build_graph(struct groups *g, struct graph *gr, const struct db_rows *rows)
{
    for (size_t i = 0; i < rows->rows; i++)
        for (size_t side = 0; side < 4; side += 2) {
            int64_t id = db_int(db_cell(rows, i, side)), key = db_int(db_cell(rows, i, side + 1));
            ARENA_PUSH(&g->arena, gr->v, gr->n, gr->room) =
                (struct vertex){ .id = id, .key = key, .root = id };
        }
    if (gr->n)
        qsort(gr->v, gr->n, sizeof *gr->v, by_id);
    size_t kept = 0;
    for (size_t i = 0; i < gr->n; i++)
        if (i == 0 || by_id(&gr->v[i], &gr->v[kept - 1]) != 0)
            gr->v[kept++] = gr->v[i];
    gr->n = kept;
    for (size_t i = 0; i < gr->n; i++)
        gr->v[i].parent = i;
    for (size_t i = 0; i < rows->rows; i++) {
        struct vertex *p = vertex_of(gr, db_int(db_cell(rows, i, 0)), db_int(db_cell(rows, i, 1)));
        struct vertex *c = vertex_of(gr, db_int(db_cell(rows, i, 2)), db_int(db_cell(rows, i, 3)));
        join(gr, (size_t)(p - gr->v), (size_t)(c - gr->v));
    }
    for (size_t i = 0; i < rows->rows; i++) { /* a part of what it was joined to, and of nothing else */
        struct vertex *p = vertex_of(gr, db_int(db_cell(rows, i, 0)), db_int(db_cell(rows, i, 1)));
        struct vertex *c = vertex_of(gr, db_int(db_cell(rows, i, 2)), db_int(db_cell(rows, i, 3)));
        if (str_eq(db_cell(rows, i, 4), S("t")) &&
            find(gr, (size_t)(p - gr->v)) == find(gr, (size_t)(c - gr->v)))
            c->root = p->id;
    }
}

/* The rows of transit_link for the transits in question, by COPY. */
static bool
put_links(struct groups *g, struct diag *d)
{
    struct db_rows rows;
    struct graph gr = { 0 };
    if (!db_exec(g->db, sql_text("queries/groups_link_table.sql"), d) ||
        !groups_query(g, "queries/groups_edges.sql", NULL, 0, &rows, d))
        return false;
    build_graph(g, &gr, &rows);
    for (size_t i = 0; i < gr.n; i++) {
        const struct vertex *speaker = &gr.v[find(&gr, i)];
        if (speaker->key == gr.v[i].key && gr.v[i].root == gr.v[i].id)
            continue;
        struct buf *b = writer_row(g->writer, GROUPS_LINK, WHEN_NONE);
        pgcopy_int8(b, gr.v[i].id);
        pgcopy_int8(b, gr.v[i].key);
        pgcopy_int8(b, speaker->key);
        pgcopy_int8(b, gr.v[i].root);
    }
    return writer_sync(g->writer, d) && db_exec(g->db, sql_text("queries/groups_relink.sql"), d);
}

/* Of all that is loose, whatever was linked before. */
static bool
link_all(struct groups *g, struct diag *d)
{
    return groups_run(g, "queries/groups_touched_all.sql", d) &&
           groups_run(g, "queries/groups_near_all.sql", d) && groups_run(g, "queries/groups_links.sql", d) &&
           groups_run(g, "queries/groups_link_all.sql", d) && put_links(g, d);
}

static bool
index_of(struct groups *g, str tables, struct diag *d)
{
    return groups_query(g, "queries/groups_index.sql", &tables, 1, NULL, d);
}

/* Of what new rows touch.  Indexes of transits are of use only here. */
static bool
link_touched(struct groups *g, struct diag *d)
{
    struct db_rows rows;
    if (!groups_run(g, "queries/groups_touched.sql", d) ||
        !groups_query(g, "queries/groups_touched_count.sql", NULL, 0, &rows, d))
        return false;
    if (str_eq(db_cell(&rows, 0, 0), S("f")))
        return true;
    bool any_open = str_eq(db_cell(&rows, 0, 1), S("t"));
    return index_of(g, S("{transit,attempt_log}"), d) &&
           (!any_open || groups_query(g, "queries/groups_index_links.sql", NULL, 0, NULL, d)) &&
           groups_run(g, "queries/groups_near.sql", d) &&
           (!any_open || groups_run(g, "queries/groups_near_open.sql", d)) &&
           groups_run(g, "queries/groups_links.sql", d) && groups_run(g, "queries/groups_link_near.sql", d) &&
           put_links(g, d);
}

bool
groups_find_links(struct groups *g, struct diag *d)
{
    struct db_rows rows;
    str until = arena_printf(&g->arena, "%lld", (long long)g->until);
    if (!groups_query(g, "queries/groups_link_begin.sql", NULL, 0, &rows, d))
        return false;
    bool everything = g->all || db_cell(&rows, 0, 0).n == 0;
    bool taken_back = str_eq(db_cell(&rows, 0, 1), S("t"));
    g->linked_until = everything ? -1 : db_int(db_cell(&rows, 0, 0));
    str linked = arena_printf(&g->arena, "%lld", (long long)g->linked_until);
    if ((everything && !db_exec(g->db, sql_text("queries/groups_link_reset.sql"), d)) ||
        (!everything && taken_back && !groups_run(g, "queries/groups_link_back.sql", d)) ||
        !groups_run(g, "queries/groups_loose.sql", d) ||
        !groups_query(g, "queries/groups_loose_any.sql", &linked, 1, &rows, d))
        return false;
    /* the usual case: every message has its id and its birth */
    bool any = str_eq(db_cell(&rows, 0, 0), S("t"));
    g->little_loose = str_eq(db_cell(&rows, 0, 1), S("t"));
    if (any && (!index_of(g, S("{refusal}"), d) || !(everything ? link_all(g, d) : link_touched(g, d))))
        return false;
    if (!any && everything && !db_exec(g->db, sql_text("queries/groups_unlink.sql"), d))
        return false;
    if (!groups_query(g, "queries/groups_link_done.sql", &until, 1, &rows, d) ||
        !groups_query(g, "queries/groups_linked.sql", NULL, 0, &rows, d))
        return false;
    g->linked = str_eq(db_cell(&rows, 0, 0), S("t"));
    return true;
}
