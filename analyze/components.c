/* Numbers the trees of a group, one for each journey, and says what belongs to each. */
#include <stdlib.h>

#include "hash.h"
#include "journey_impl.h"

static int
by_first_sign(const void *x, const void *y)
{
    const struct node *p = *(struct node *const *)x, *q = *(struct node *const *)y;
    if (node_at(p) != node_at(q))
        return node_at(p) < node_at(q) ? -1 : 1;
    int c = str_cmp(p->t.host, q->t.host);
    if (c == 0)
        c = str_cmp(p->t.queue_id, q->t.queue_id);
    return c ? c : p->index < q->index ? -1 : p->index > q->index;
}

/* Orders the nodes; the children of each follow that order. */
static void
order_nodes(struct assembly *a)
{
    if (a->nnodes > 1)
        qsort(a->nodes, a->nnodes, sizeof *a->nodes, by_first_sign);
    for (size_t i = a->nnodes; i-- > 0;) {
        struct node *n = a->nodes[i];
        n->index = i;
        if (n->parent) {
            n->next_child = n->parent->first_child;
            n->parent->first_child = n;
        }
    }
}

/* Goes down from a top without recursion; trees may be as deep as a group is large. */
static void
number_tree(struct node *top, int component)
{
    struct node *n = top;
    for (;;) {
        n->component = component;
        if (n->parent) {
            n->depth = n->parent->depth + 1;
            n->fed = n->parent->fed || n->parent->nattempts > 0;
        }
        if (n->first_child) {
            n = n->first_child;
            continue;
        }
        while (n != top && n->next_child == NULL)
            n = n->parent;
        if (n == top)
            return;
        n = n->next_child;
    }
}

/* The journey that a stored message belongs to: the one of the first of its Received fields that is known;
 * a message that no log tells of is its headers' journey; without either, a journey of its own. */
static int
component_of_message(const struct assembly *a, const struct message *msg)
{
    for (size_t i = 0; i < msg->nreceived; i++) {
        const struct node *n = node_of_field(a, &msg->received[i]);
        if (n)
            return n->component;
    }
    return -1;
}

static void
give_nodes(struct assembly *a)
{
    struct node **all = ARENA_ARRAY(a->arena, struct node *, a->nnodes + 1);
    size_t used = 0;
    for (size_t i = 0; i < a->nnodes; i++)
        a->components[a->nodes[i]->component].nnodes++;
    for (int c = 0; c < a->ncomponents; c++) {
        a->components[c].nodes = all + used;
        used += a->components[c].nnodes;
        a->components[c].nnodes = 0;
    }
    for (size_t i = 0; i < a->nnodes; i++) {
        struct component *c = &a->components[a->nodes[i]->component];
        c->nodes[c->nnodes++] = a->nodes[i];
    }
}

static void
give_messages(struct assembly *a, const int *component_of)
{
    size_t *all = ARENA_ARRAY(a->arena, size_t, a->group->nmessages + 1), used = 0;
    for (size_t m = 0; m < a->group->nmessages; m++)
        a->components[component_of[m]].nmessages++;
    for (int c = 0; c < a->ncomponents; c++) {
        a->components[c].messages = all + used;
        used += a->components[c].nmessages;
        a->components[c].nmessages = 0;
    }
    for (size_t m = 0; m < a->group->nmessages; m++) {
        struct component *c = &a->components[component_of[m]];
        c->messages[c->nmessages++] = m;
    }
}

void
components_build(struct assembly *a)
{
    int *component_of = ARENA_ARRAY(a->arena, int, a->group->nmessages + 1);
    order_nodes(a);
    for (size_t i = 0; i < a->nnodes; i++)
        if (a->nodes[i]->parent == NULL)
            number_tree(a->nodes[i], a->ncomponents++);
    for (size_t m = 0; m < a->group->nmessages; m++) {
        int found = component_of_message(a, a->group->messages[m].message);
        if (found < 0)
            found = a->ncomponents == 1 ? 0 : a->ncomponents++;
        component_of[m] = found;
    }
    a->components = ARENA_ARRAY(a->arena, struct component, (size_t)a->ncomponents + 1);
    give_nodes(a);
    if (a->group->nmessages)
        give_messages(a, component_of);
}
